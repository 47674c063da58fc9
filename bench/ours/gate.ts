/**
 * Raw photographs to gate, by the stages one after the other or by DVC.
 *
 * usage   PADDOCK_BENCH_PHOTOGRAPHS=DIR node bench/ours/gate.ts stages | dvc | dvc five
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { dvcEnvironment } from '../../src/core/dvc-environment.ts'
import { watchMemory } from '../memory.ts'
import { serveRounds } from '../rounds.ts'
import { CONFIG, ENTRIES, openGateClone } from './gate-clone.ts'

const [by, models = 'one'] = process.argv.slice(2)

const clone = await openGateClone(models === 'five' ? ENTRIES.five : ENTRIES.one)
const pin = parse(await readFile(join(clone.root, 'data.dvc'), 'utf8')).outs[0].md5 as string
let peakBytes = 0

/** Seconds of a program. */
async function run(program: string, ...args: string[]): Promise<number> {
  const start = performance.now()
  const child = execa(program, args, {
    cwd: clone.root,
    env: { ...dvcEnvironment(process.env), ...clone.env },
    all: true,
  })
  const stop = watchMemory(child.pid ?? 0)
  await child
  peakBytes = Math.max(peakBytes, stop())
  return (performance.now() - start) / 1000
}

function stage(name: string, argument: string[] = []): Promise<number> {
  return run(process.execPath, `pipeline/${name}.ts`, ...argument)
}

async function throughStages(): Promise<Record<string, number>> {
  return {
    fetch: await stage('fetch', [pin]),
    split: await stage('split'),
    augment: await stage('augment'),
    train: await stage('train', [CONFIG]),
    evaluate: await stage('evaluate', [CONFIG]),
    report: await stage('report', [pin]),
    gate: await stage('gate'),
  }
}

async function throughDvc(): Promise<Record<string, number>> {
  const repro = await run(join(clone.root, '.venv/bin/dvc'), 'repro')
  return { 'dvc repro': repro }
}

try {
  await serveRounds(
    async () => {
      await clone.reset()
      peakBytes = 0
      const parts = await (by === 'dvc' ? throughDvc() : throughStages())
      const seconds = Object.values(parts).reduce((sum, part) => sum + part, 0)
      if (by !== 'dvc') return { parts, seconds, peakBytes }
      const nothing = await run(join(clone.root, '.venv/bin/dvc'), 'repro')
      return { parts: { ...parts, 'dvc repro again, nothing to do': nothing }, seconds, peakBytes }
    },
    { warmUp: false },
  )
} finally {
  await clone.remove()
}
