/**
 * The doctor's checks. Each gives findings `{name, state, found, remedy?}`: state `ok`, `none` (not there, and
 * not needed) or `fault`, which has a remedy.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { hasBinding } from '../setup/binding.mjs'
import { cacheFolder } from '../setup/cache.mjs'
import { SetupFailure } from '../setup/failure.mjs'
import { hasPackages } from '../setup/packages.mjs'
import { hasResize } from '../setup/resize.mjs'
import { run } from '../setup/run.mjs'
import { examineLibraries, isStamped } from '../setup/stamp.mjs'
import { checkMachine, findCompiler, findPython, hasNvidiaDriver, onPath } from '../setup/tools.mjs'
import { hasVenv } from '../setup/venv.mjs'

const SET_UP = 'Run `npm run setup`.'
const LEAST_FREE_BYTES = 2e9

/** All findings, in the order in which to fix the faults. */
export async function examine(root, { device, pins, requireGpu, deep }) {
  return [
    await finding('Node', async () => {
      checkMachine()
      return process.versions.node
    }),
    await finding('Python', async () => firstLine(await findPython(), ['--version'])),
    await finding('compiler', async () => firstLine(findCompiler(), ['--version'])),
    await finding('npm packages', async () => {
      if (!hasPackages(root)) throw new SetupFailure('Expected node_modules to match package-lock.json.', SET_UP)
      return 'as in package-lock.json'
    }),
    await finding('DVC', async () => {
      if (!hasVenv(root))
        throw new SetupFailure('Expected .venv to match commands/setup/python/requirements.txt.', SET_UP)
      return firstLine(path.join(root, '.venv/bin/dvc'), ['--version'])
    }),
    await finding('dvc.lock', () => examineLock(root), 'no stage has run yet'),
    await finding('remote', () => examineRemote(root), 'not set up; npm run remote -- URL does it'),
    await finding('image resize', async () => {
      if (!hasResize(root)) throw new SetupFailure('Expected the resize of images, compiled from this source.', SET_UP)
      return 'compiled'
    }),
    ...(await examineTensorFlow(root, { device, pins, requireGpu })),
    ...(deep ? [await finding('libraries', () => hashLibraries(root, pins))] : []),
    await disk('disk of the checkout', root),
    await disk('disk of the cache', cacheFolder()),
  ]
}

/** Lets --require-gpu pass where there is none: set by the test of the workflows alone, which runs them on any machine. */
const WITHOUT_GPU = 'PADDOCK_TEST_WITHOUT_GPU'

async function examineTensorFlow(root, { device, pins, requireGpu }) {
  let probe
  const tensorflow = await finding('TensorFlow', async () => {
    if (!hasBinding(root, pins))
      throw new SetupFailure(`Expected TensorFlow ${pins.tensorflow} and its binding.`, SET_UP)
    probe = JSON.parse(await runProbe(root))
    if (probe.correct !== true) throw new SetupFailure('Expected a convolution to give its value.', REINSTALL)
    return `${probe.tensorflow}, TensorFlow.js ${probe.tfjs}`
  })
  const driver = await findDriver()
  const gpu = await finding(
    'GPU',
    async () => {
      if (probe?.gpu) return driver ?? 'in use'
      if (requireGpu && process.env[WITHOUT_GPU])
        return `not there, and not asked for: ${WITHOUT_GPU} is set, as in a test`
      if (requireGpu || (driver !== undefined && device === 'gpu')) {
        throw new SetupFailure(
          `Expected TensorFlow to use a GPU, received ${driver ?? 'no NVIDIA driver'}.`,
          gpuRemedy(driver),
        )
      }
      return driver === undefined ? undefined : `${driver}, unused: this checkout was set up with --cpu`
    },
    'no NVIDIA driver',
  )
  if (probe === undefined) return [tensorflow, gpu]
  const processor = `${os.cpus()[0]?.model.trim() || os.arch()}, ${os.availableParallelism()} processors`
  return [
    tensorflow,
    { name: 'device', state: 'ok', found: probe.gpu ? 'GPU' : `CPU: ${processor}` },
    { name: 'threads', state: 'ok', found: `${probe.intraOpThreads} in an op, ${probe.interOpThreads} ops at once` },
    { name: 'oneDNN', state: 'ok', found: probe.oneDnn === '0' ? 'off' : 'on' },
    gpu,
  ]
}

/** Compares TensorFlow's libraries with the digests that set-up stored. */
async function hashLibraries(root, pins) {
  if (!isStamped(root, pins))
    throw new SetupFailure("Expected the digests of TensorFlow's libraries, received none.", SET_UP)
  const { count, changed } = await examineLibraries(pins)
  if (changed.length === 0) return `${count} unchanged since set-up, by SHA-256`
  throw new SetupFailure(
    `Expected TensorFlow's libraries as installed, received different bytes: ${changed.join(', ')}.`,
    REINSTALL,
  )
}

/** Checks that dvc.lock is complete and consistent with dvc.yaml and the files that it names. */
async function examineLock(root) {
  if (!existsSync(path.join(root, 'node_modules/yaml'))) return undefined
  const { stages, problem } = JSON.parse(await run('pipeline/node', ['commands/doctor/lock.ts'], { cwd: root }))
  if (problem === undefined) return stages === undefined ? undefined : `complete, with ${stages} stages`
  const [, found, remedy] = /^(.*?\.) ([A-Z].*)$/.exec(problem) ?? ['', problem, '']
  throw new SetupFailure(found, remedy)
}

/** Writes, reads and deletes an object on DVC's remote; none is fine, too. */
async function examineRemote(root) {
  const configs = ['.dvc/config', '.dvc/config.local'].map((file) => path.join(root, file)).filter(existsSync)
  const name = configs.map((file) => /^\s*remote\s*=\s*(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1]).findLast(Boolean)
  if (name === undefined) return undefined
  if (!hasVenv(root)) throw new SetupFailure('Expected DVC, which speaks to the remote.', SET_UP)
  const python = path.join(root, '.venv/bin/python')
  const said = await run(python, ['src/dvc/remote.py', 'probe'], { cwd: root, env: NOT_LONG }).catch((error) => {
    if (!(error instanceof SetupFailure)) throw error
    const reason = /"error": "(.*?)"\}/.exec(error.message)?.[1] ?? error.problem
    throw new SetupFailure(`Expected to write, read and delete on ${name}, received: ${reason}.`, REMOTE)
  })
  return `${name}: written, read and deleted${said.trim()}`
}

const REMOTE =
  'Check its URL (npm run remote -- URL), the keys (AWS_ACCESS_KEY_ID, …, or .dvc/config.local) and the network.'
/** Without this, the S3 client retries for minutes when there is no answer. */
const NOT_LONG = { AWS_MAX_ATTEMPTS: '2' }

const REINSTALL = 'Remove the folder `runtime` of the cache and run `npm run setup`.'

async function runProbe(root) {
  try {
    return await run('pipeline/node', ['commands/doctor/probe.ts'], { cwd: root })
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    throw new SetupFailure(`Expected TensorFlow to load. ${error.problem}`, REINSTALL, { cause: error })
  }
}

function gpuRemedy(driver) {
  if (driver === undefined) return "Install NVIDIA's driver and run `npm run setup -- --gpu`."
  return 'Run `npm run setup -- --gpu`; if it did, TF_CPP_MIN_LOG_LEVEL=0 npm run doctor shows what TensorFlow misses.'
}

/** Name, driver and memory of the first GPU; nothing without a driver. */
async function findDriver() {
  if (!hasNvidiaDriver()) return undefined
  const tool = onPath('nvidia-smi')
  if (tool !== undefined) {
    const listed = await run(tool, ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']).catch(
      () => '',
    )
    if (listed.trim() !== '') return listed.trim().split('\n')[0]
  }
  const version = '/proc/driver/nvidia/version'
  return existsSync(version) ? readFileSync(version, 'utf8').split('\n')[0] : 'NVIDIA driver'
}

async function disk(name, folder) {
  return finding(name, async () => {
    let existing = folder
    while (!existsSync(existing)) existing = path.dirname(existing)
    const { bavail, bsize } = statfsSync(existing)
    const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free in ${folder}`
    if (bavail * bsize >= LEAST_FREE_BYTES) return free
    throw new SetupFailure(
      `Expected ${LEAST_FREE_BYTES / 1e9} GB, received ${free}.`,
      'Free some space, or move the cache (PADDOCK_CACHE).',
    )
  })
}

/** What `look` finds is fine; nothing is none, in the words of `absent`; a SetupFailure is a fault. */
async function finding(name, look, absent) {
  try {
    const found = await look()
    return found === undefined ? { name, state: 'none', found: absent } : { name, state: 'ok', found }
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    return { name, state: 'fault', found: error.problem, remedy: error.remedy }
  }
}

async function firstLine(program, args) {
  return (await run(program, args)).split('\n')[0]
}
