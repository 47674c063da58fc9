/**
 * Makes the peers' environments, from the lists beside this file: .paddock/bench-venv, and PyTorch's when it is asked for.
 *
 * usage   node bench/peers/setup.mjs [--pytorch]
 *
 * PyTorch's wheel does not load without the CUDA libraries that it names, though nothing here runs on a GPU: 5.4 GB.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../commands/setup/run.mjs'
import { timed } from '../../commands/setup/say.mjs'
import { findPython } from '../../commands/setup/tools.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
await makeEnvironment('bench-venv', 'requirements.txt', 'Python packages of the peers (600 MB)')
if (process.argv.includes('--pytorch')) {
  await makeEnvironment('bench-venv-torch', 'requirements-torch.txt', 'PyTorch and torchvision (5.4 GB)')
}

async function makeEnvironment(name, list, title) {
  const requirements = path.join(here, list)
  const venv = path.resolve(here, '../../.paddock', name)
  const stamp = path.join(venv, list)
  if (!(existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8'))) {
    await timed(title, async () => {
      rmSync(venv, { recursive: true, force: true })
      await run(await findPython(), ['-m', 'venv', venv])
      await run(path.join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
      writeFileSync(stamp, readFileSync(requirements))
    })
  }
  console.log(`peers: ${venv} is ready`)
}
