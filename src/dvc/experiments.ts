import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DataError } from '../core/errors.ts'
import { temporaryName } from '../core/files.ts'
import { removeCopies } from './experiment-copies.ts'
import { runDvc } from './run.ts'

/** A run of DVC in a temporary copy of what git tracks, changes included; the checkout itself stays as it is. */
export interface Experiment {
  readonly name: string
  /** The stage to reproduce, with what it needs. */
  readonly target: string
  /** What to set in params.yaml, in the grammar of `dvc exp run --set-param`. */
  readonly overrides: readonly string[]
}

/** How an experiment ended: well, not, or because of a signal. */
export interface ExperimentEnd {
  readonly done: boolean
  readonly signal: NodeJS.Signals | undefined
}

/** Variables that name folders: a relative one would name another folder in a temporary copy. */
const FOLDER_VARIABLES = ['PADDOCK_CACHE', 'PADDOCK_CHECKPOINTS', 'PADDOCK_FEATURES', 'PADDOCK_MIRROR']

/** The line of DVC that says that an experiment has its copy, and that another one may ask for one. */
const STARTED = /^Reproducing experiment/

let starting: Promise<unknown> = Promise.resolve()

/**
 * Runs an experiment in a temporary copy.
 *
 * All `dvc exp run --temp` of a checkout share one place for what they are about to run, so one starts after the other.
 */
export async function runExperiment(
  { name, target, overrides }: Experiment,
  onLine: (line: string) => void,
): Promise<ExperimentEnd> {
  const before = starting
  let started = () => {}
  const isStarted = new Promise<void>((fulfil) => {
    started = fulfil
  })
  starting = before.then(() => isStarted)
  await before
  try {
    const set = overrides.flatMap((override) => ['--set-param', override])
    const { exitCode, signal } = await runDvc(['exp', 'run', '--temp', '--name', name, ...set, target], {
      environment: withWholePaths(process.env),
      onLine: (line) => {
        if (STARTED.test(line)) started()
        onLine(line)
      },
    })
    if (signal) await removeCopies((each) => each === name)
    return { done: exitCode === 0, signal }
  } finally {
    started()
  }
}

/** The names of all experiments, whatever commit they began with. */
export async function listExperiments(): Promise<string[]> {
  const lines: string[] = []
  const { exitCode } = await runDvc(['exp', 'list', '--all-commits', '--name-only'], {
    onLine: (line) => lines.push(line),
  })
  if (exitCode === 0) return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))]
  throw new DataError(`Expected the experiments of DVC, received: ${lines.join(' ')}. Run \`npm run dvc -- exp list\`.`)
}

/** Removes experiments from git. What DVC cached of them stays until `dvc gc`. */
export async function removeExperiments(names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const lines: string[] = []
  const { exitCode } = await runDvc(['exp', 'remove', ...names], { onLine: (line) => lines.push(line) })
  if (exitCode === 0) return
  throw new DataError(`Expected DVC to remove ${names.length} experiments, received: ${lines.join(' ')}.`)
}

/** Writes a file that an experiment made to another place, whole or not at all. Gives whether DVC has it. */
export async function copyFromExperiment(name: string, path: string, to: string): Promise<boolean> {
  const temporary = temporaryName(to)
  try {
    const { exitCode } = await runDvc(['get', '.', path, '--rev', name, '--out', temporary], { onLine: () => {} })
    if (exitCode === 0) await rename(temporary, to)
    return exitCode === 0
  } finally {
    await rm(temporary, { force: true })
  }
}

/** The environment with whole paths in place of relative ones. */
export function withWholePaths(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folders = FOLDER_VARIABLES.flatMap((name) => {
    const folder = environment[name]
    return folder ? [[name, resolve(folder)] as const] : []
  })
  return { ...environment, ...Object.fromEntries(folders) }
}
