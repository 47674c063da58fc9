import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Params, parseParams } from '../../src/command-line/params.ts'
import { readTrainingInputs } from '../../src/dvc/inputs.ts'

const before = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-inputs-'))
  for (const path of [
    'dvc.yaml',
    'packages.json',
    'params.yaml',
    'data.dvc',
    'test-set.csv',
    'exclude.csv',
    'pipeline',
    'src',
    'native',
  ]) {
    await cp(path, join(folder, path), { recursive: true })
  }
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true })
})

/** Whether a change of a file gives another digest. */
async function isNoticed(path: string, change: (text: string) => string): Promise<boolean> {
  const text = await readFile(path, 'utf8')
  const old = await digest()
  await writeFile(path, change(text))
  const changed = await digest()
  await writeFile(path, text)
  return changed !== old
}
const digest = async () => readTrainingInputs(parseParams(await readFile('params.yaml', 'utf8')))
const more = (text: string) => `${text}\n`

describe('readTrainingInputs', () => {
  it.each([
    'src/train/fit.ts',
    'src/models/mobilenet.ts',
    'src/dataset/split.ts',
    'src/tensorflow/native/paddock_binding.cc',
    'pipeline/fetch.ts',
    'data.dvc',
    'exclude.csv',
  ])('gives another digest after a change of %s', async (path) => {
    expect(await isNoticed(path, more)).toBe(true)
  })

  it.each(['src/gate/verdict.ts', 'pipeline/evaluate.ts'])('does not mind %s', async (path) => {
    expect(await isNoticed(path, more)).toBe(false)
  })

  it('minds the parameters of training, and not those of the stages behind it, or the entries', async () => {
    const params = parseParams(await readFile('params.yaml', 'utf8'))
    const { augment, train, gate, checkpoint } = params
    const before = await readTrainingInputs(params)
    const minds = async (change: Partial<Params>) => (await readTrainingInputs({ ...params, ...change })) !== before
    expect(await minds({ seed: params.seed + 1 })).toBe(true)
    expect(await minds({ augment: { ...augment, copies: augment.copies + 1 } })).toBe(true)
    expect(await minds({ train: { ...train, momentum: 0.123 } })).toBe(true)
    expect(await minds({ gate: { ...gate, minTestImages: gate.minTestImages + 1 } })).toBe(false)
    expect(await minds({ checkpoint: { ...checkpoint, everyMinutes: checkpoint.everyMinutes + 1 } })).toBe(false)
    expect(await minds({ models: {} })).toBe(false)
  })

  it('minds the packages that the code is run with', async () => {
    const { train } = JSON.parse(await readFile('packages.json', 'utf8')) as { train: { digest: string } }
    expect(await isNoticed('packages.json', (text) => text.replace(train.digest, '0'))).toBe(true)
  })
})
