/**
 * Makes the peers' environment: .paddock/bench-venv, from requirements.txt beside this file.
 *
 * usage   node bench/peers/setup.mjs
 *
 * PyTorch is left out so far: pip offered a wheel of 539 MB, which was not tried.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../commands/setup/run.mjs'
import { timed } from '../../commands/setup/say.mjs'
import { findPython } from '../../commands/setup/tools.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const requirements = path.join(here, 'requirements.txt')
const venv = path.resolve(here, '../../.paddock/bench-venv')
const stamp = path.join(venv, 'requirements.txt')

if (!isMade()) {
  await timed('Python packages of the peers (600 MB)', async () => {
    rmSync(venv, { recursive: true, force: true })
    await run(await findPython(), ['-m', 'venv', venv])
    await run(path.join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
    writeFileSync(stamp, readFileSync(requirements))
  })
}
console.log(`peers: ${venv} is ready`)

function isMade() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')
}
