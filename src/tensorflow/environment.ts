/**
 * The environment that TensorFlow is loaded in: importing this file prepares it, and `raw.ts` imports it first.
 *
 * Every stage gets its environment here, so that `dvc repro`, `npm run repro` and a stage started by hand give the same bytes.
 */
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import util from 'node:util'
import { findChangedLibrary } from './installed.ts'

type Environment = Record<string, string | undefined>

/**
 * Variables that change the bits of TensorFlow's results. Those that a user set are removed, so that everyone gets the same;
 * what a result may depend on is in params.yaml.
 */
const CHANGES_BITS =
  /^((ONEDNN|DNNL)_(?!VERBOSE|MAX_CPU_ISA)|MKL_|TF_(ENABLE|DISABLE|ONEDNN|MKL|CUDNN|CUBLAS|USE|AUTO_MIXED|DETERMINISTIC|XLA)_|XLA_FLAGS$|NVIDIA_TF32_OVERRIDE$|CUBLAS_|CUDNN_)/

/** Emulates a processor with fewer instructions, whose bits a user may want; caches and checkpoints recognize it by its bits. */
const PROCESSOR = /^(ONEDNN|DNNL)_MAX_CPU_ISA$/

for (const line of prepareEnvironment(process.env)) console.error(`tensorflow: ${line}`)
restoreUtilities()
expectBinding()

/**
 * Sets the variables that TensorFlow reads while it is loaded, and removes those that change bits; threads stay as the user
 * has set them. Gives a line about each that was removed or that stays and changes bits.
 *
 * oneDNN is set because its default depends on the processor, and it changes the last bits.
 */
export function prepareEnvironment(environment: Environment): string[] {
  const threads = String(availableParallelism())
  const defaults: Environment = {
    TF_CPP_MIN_LOG_LEVEL: '2', // errors only
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_NUM_INTRAOP_THREADS: threads, // of one op
    TF_NUM_INTEROP_THREADS: threads, // ops at once
  }
  const lines = Object.entries(environment).flatMap(([name, value]) => {
    if (PROCESSOR.test(name)) return [`${name}=${value}: results have the bits of that processor`]
    if (!CHANGES_BITS.test(name) || value === defaults[name]) return []
    delete environment[name]
    return [`${name}=${value} is ignored, since it would change the bits of results`]
  })
  for (const [name, value] of Object.entries(defaults)) environment[name] ??= value
  return lines
}

/** Parameters that change the last bits of results. */
export interface Numerics {
  /** Makes ops that may give other bits each time errors; only some gradients on a GPU do. */
  readonly deterministic: boolean
  /** Number of threads, which decides the order of sums; null: as the environment says. */
  readonly threads: number | null
}

/** Sets the variables that parameters ask for. Call it before TensorFlow is loaded, and import what loads it afterwards. */
export function prepareNumerics({ deterministic, threads }: Numerics, environment: Environment): void {
  if (deterministic) environment.TF_DETERMINISTIC_OPS = '1'
  if (threads === null) return
  environment.TF_NUM_INTRAOP_THREADS = String(threads)
  environment.TF_NUM_INTEROP_THREADS = String(threads)
}

/** Restores two functions that Node 23 removed and tfjs-node 4.22.0 calls for nearly every op. */
function restoreUtilities(): void {
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  })
}

/** Ends the program with one line where TensorFlow is not as set-up installs it: static imports run before any `try`. */
function expectBinding(): void {
  const packageFile = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json')
  const binding = join(dirname(packageFile), 'lib/napi-v8/tfjs_binding.node')
  if (!existsSync(binding)) fail(`Expected TensorFlow's binding at ${binding}, found nothing. Run \`npm run setup\`.`)
  const runtime = join(dirname(realpathSync(binding)), 'runtime')
  const changed = findChangedLibrary(runtime)
  if (changed === undefined) return
  fail(
    `Expected ${realpathSync(dirname(changed))} to hold TensorFlow as set-up installed it, received a different ${basename(changed)}. Remove ${realpathSync(runtime)} and run \`npm run setup\`.`,
  )
}

function fail(message: string): never {
  console.error(`SetupError: ${message}`)
  process.exit(1)
}
