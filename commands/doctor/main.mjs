/** The doctor itself: what it is asked, and what it prints. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chooseDevice } from '../setup/device.mjs'
import { failureOf, SetupFailure } from '../setup/failure.mjs'
import { readPins } from '../setup/runtime.mjs'
import { examine } from './checks.mjs'

const HELP = `usage: npm run doctor [-- --require-gpu] [--deep] [--json]

Looks at Node, Python, the compiler, DVC, dvc.lock, the remote, the resize of
images, TensorFlow, device, threads, oneDNN, GPU and disk.
Exit code 1 if there is a fault; each comes with its remedy.

  --require-gpu   no GPU that TensorFlow can use is a fault
  --deep          also hashes TensorFlow's libraries (seconds) and compares them
                  with what was installed; a start only compares sizes and times
  --json          {"ok", "findings": [{"name", "state", "found", "remedy"}]}
  --help          this text

PADDOCK_TEST_WITHOUT_GPU=1, which only the test of the workflows sets, lets
--require-gpu pass where there is none.`

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  console.error(`doctor: ${failureOf(error).message}`)
  process.exitCode = 1
}

async function main({ help, json, deep, 'require-gpu': requireGpu }) {
  if (help) return console.log(HELP)
  const device = chooseDevice(root)
  const findings = await examine(root, { device, pins: readPins(root, device), requireGpu, deep })
  const ok = findings.every(({ state }) => state !== 'fault')
  console.log(json ? JSON.stringify({ ok, findings }, null, 2) : findings.map(line).join('\n'))
  if (!ok) process.exitCode = 1
}

function line({ name, state, found, remedy }) {
  return [state.padEnd(5), name.padEnd(20), found, remedy].filter(Boolean).join(' ')
}

function readOptions(args) {
  const flag = { type: 'boolean', default: false }
  try {
    return parseArgs({ args, options: { 'require-gpu': flag, deep: flag, json: flag, help: flag } }).values
  } catch (error) {
    throw new SetupFailure(`Expected --require-gpu, --deep, --json or --help, received ${args.join(' ')}.`, '', {
      cause: error,
    })
  }
}
