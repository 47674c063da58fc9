/**
 * Trains the configurations of the built-in sample on several seeds and prints their accuracy.
 *
 * Every seed draws other images and other initial weights. Validation judges the sample and its parameters; the test set is
 * to be looked at once, at the end.
 *
 * usage   pipeline/node bench/sample-seeds.ts SEED… [--test]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { parse, stringify } from 'yaml'
import { argv } from 'zx'
import { paths } from '../src/core/paths.ts'
import { writeTestSet } from '../src/core/test-set.ts'
import { hashFolder } from '../src/fetch/folder-hash.ts'
import { drawSample, type SampleParams } from '../src/fetch/sample.ts'
import { findTestSet } from '../src/workspace/accept-test-set.ts'

const PARTS = argv.test ? ['validation', 'holdout', 'test'] : ['validation', 'holdout']

const params = parse(await readFile(paths.params, 'utf8'))
for (const seed of argv._.map(Number)) {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-seeds-'))
  try {
    await writeFile(join(folder, paths.params), stringify({ ...params, seed }))
    await packImages(folder, params.fetch, seed)
    for (const config of Object.keys(params.models)) console.log(`seed ${seed}  ${await trainAndScore(folder, config)}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function packImages(folder: string, sample: SampleParams, seed: number): Promise<void> {
  const data = join(folder, paths.data)
  await drawSample(data, sample, seed)
  await writeFile(join(folder, paths.exclude), 'id,reason\n')
  await writeTestSet(await findTestSet(data, []), join(folder, paths.testSet))
  await runStage(folder, 'fetch', (await hashFolder(data)).md5)
  await runStage(folder, 'split')
  await runStage(folder, 'augment')
}

async function trainAndScore(folder: string, config: string): Promise<string> {
  await runStage(folder, 'train', config)
  await runStage(folder, 'evaluate', config)
  const metrics = JSON.parse(await readFile(join(folder, paths.metrics(config)), 'utf8'))
  const scores = PARTS.map((part) => `${part} ${(100 * metrics[part].accuracy).toFixed(1)} %`)
  return `${config.padEnd(18)} ${scores.join('  ')}`
}

async function runStage(folder: string, stage: string, ...args: string[]): Promise<void> {
  await execa(process.execPath, [resolve(`pipeline/${stage}.ts`), ...args], {
    cwd: folder,
    env: { PADDOCK_CACHE: join(folder, 'cache') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
