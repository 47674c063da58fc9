/**
 * Set-up itself.
 *
 * A step whose inputs are unchanged is skipped. A product gets its name, or its stamp, once it is complete, so the next set-up
 * completes an interrupted one.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeCacheFolder } from './cache.mjs'
import { hasCiTools, makeCiTools } from './ci-tools.mjs'
import { chooseDevice } from './device.mjs'
import { failureOf, SetupFailure } from './failure.mjs'
import { withLock } from './lock.mjs'
import { readPins } from './runtime.mjs'
import { seconds } from './say.mjs'
import { packagesStep, stepsFor } from './steps.mjs'
import { checkMachine, findCompiler, findPython } from './tools.mjs'

const HELP = `usage: npm run setup [-- --cpu | --gpu | --packages] [--ci-tools]

Makes this checkout ready: npm packages, DVC in .venv, TensorFlow and its
binding in the cache. A step whose inputs are unchanged is skipped.

  --cpu        TensorFlow for CPUs, whatever the machine has; remembered in this
               checkout
  --gpu        TensorFlow for NVIDIA GPUs and its CUDA libraries (3.4 GB),
               also remembered
  --packages   only the npm packages, which is enough for verify and a review
  --ci-tools   also what the tests of the workflows need: actionlint, zizmor,
               act, an S3 server, GitHub's API description, chromium (1 to 6
               minutes the first time); needs Go, and on Debian as root installs
               chromium
  --help       this text

Without --cpu or --gpu, an NVIDIA driver decides.
PADDOCK_CACHE: the folder for large files, instead of ~/.cache/paddock.
CXX: the compiler.`

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(HELP)
  else console.log(`setup: ${await setUp(options)}`)
} catch (error) {
  console.error(`setup: ${failureOf(error).message}`)
  process.exitCode = 1
}

async function setUp({ cpu, gpu, packages, 'ci-tools': ciTools }) {
  const start = performance.now()
  checkMachine()
  const steps = packages ? [packagesStep(root)] : stepsFor(root, readPins(root, deviceFor({ cpu, gpu })))
  const pending = () => steps.filter((step) => !step.isDone())
  const isComplete = () => pending().length === 0 && (!ciTools || hasCiTools(root))
  if (isComplete()) return `up to date (${seconds(start)})`
  if (!packages) makeCacheFolder()

  await withLock(path.join(root, '.paddock/setup.lock'), async () => {
    const needs = pending().flatMap((step) => step.needs)
    const tools = {
      python: needs.includes('python') ? await findPython() : undefined,
      compiler: needs.includes('compiler') ? findCompiler() : undefined,
    }
    // one by one: npm empties node_modules, which removes the link to the binding
    for (const step of steps) if (!step.isDone()) await step.make(tools)
    if (ciTools) await makeCiTools(root, async () => tools.python ?? findPython())
  })
  return `ready (${seconds(start)})`
}

function deviceFor({ cpu, gpu }) {
  return chooseDevice(root, (cpu && 'cpu') || (gpu && 'gpu') || undefined)
}

function readOptions(args) {
  const flag = { type: 'boolean', default: false }
  try {
    const { values } = parseArgs({
      args,
      options: { cpu: flag, gpu: flag, packages: flag, 'ci-tools': flag, help: flag },
    })
    if ([values.cpu, values.gpu, values.packages].filter(Boolean).length <= 1) return values
  } catch (error) {
    throw new SetupFailure(`Expected --cpu, --gpu, --packages, --ci-tools or --help, received ${args.join(' ')}.`, '', {
      cause: error,
    })
  }
  throw new SetupFailure('Expected one of --cpu, --gpu and --packages, received more.')
}
