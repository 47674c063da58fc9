/**
 * What has to be settled before TensorFlow is loaded. Importing this file does it: `runtime.ts` imports it first.
 *
 * The stages get their environment here and from nobody else, so that `dvc repro`, `npm run repro` and a stage started by
 * hand give the same bytes.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import util from 'node:util'
import { SetupError } from '../core/errors.ts'

prepareEnvironment(process.env)
restoreUtilities()
expectBinding()

/**
 * Variables that TensorFlow's C++ reads when it is loaded.
 *
 * oneDNN is asked for by name: whether it is on by default depends on the processor, and it changes the last bits.
 *
 * @param threads how many of them one op, and how many ops at once
 */
export function environmentDefaults(threads: number): Readonly<Record<string, string>> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2', // errors only
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
  }
}

/** Adds what is not set yet; what the user set stays. */
export function prepareEnvironment(environment: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(environmentDefaults(availableParallelism()))) environment[name] ??= value
}

/** What parameters say about the last bits of results. */
export interface Numerics {
  /** Ops that need not give the same bits twice are errors; nothing changes on a CPU. */
  readonly deterministic: boolean
  /** Threads, whatever the machine and its user's environment have; null: theirs. Sums of more threads are added in another order. */
  readonly threads: number | null
}

/** Adds to the variables what parameters ask for. Call it before TensorFlow is loaded: import `runtime.ts` afterwards. */
export function prepareNumerics(
  { deterministic, threads }: Numerics,
  environment: Record<string, string | undefined>,
): void {
  if (deterministic) environment.TF_DETERMINISTIC_OPS = '1'
  if (threads === null) return
  environment.TF_NUM_INTRAOP_THREADS = String(threads)
  environment.TF_NUM_INTEROP_THREADS = String(threads)
}

/** Puts back two functions that tfjs-node 4.22.0 calls for nearly every op, and that Node 23 removed. */
function restoreUtilities(): void {
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  })
}

/** @throws SetupError where set-up did not put the binding; the error ends the program with one line, wherever it is thrown. */
function expectBinding(): void {
  const packageFile = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json')
  const binding = join(dirname(packageFile), 'lib/napi-v8/tfjs_binding.node')
  if (existsSync(binding)) return
  const error = new SetupError(`Expected TensorFlow's binding at ${binding}, received nothing. Run \`npm run setup\`.`)
  process.once('uncaughtException', (uncaught) => {
    console.error(uncaught === error ? `${error.name}: ${error.message}` : uncaught)
    process.exit(1)
  })
  throw error
}
