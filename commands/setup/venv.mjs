/** Python environments from files that pin every package by hash: .venv with DVC, and one in the cache for the CI tools. */
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, digestOf, lockOf, makeOnce } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { withLock } from './lock.mjs'
import { pip } from './pip.mjs'
import { run } from './run.mjs'
import { say, timed } from './say.mjs'

/** Whether .venv was completed from these requirements, at this place, and its Python is still there. */
export function hasVenv(root) {
  if (!existsSync(path.join(root, '.venv/bin/dvc'))) return false
  return isComplete(path.join(root, '.venv'), stampOf(root))
}

/** Makes a new .venv. */
export async function makeVenv(root, python) {
  await timed('Python packages (DVC)', () =>
    fillVenv(path.join(root, '.venv'), root, 'commands/setup/python/requirements.txt', python),
  )
  writeFileSync(stampFile(path.join(root, '.venv')), stampOf(root))
}

/** Where in the cache the environment of a file of requirements lives. */
export function venvFolder(name, requirements) {
  return path.join(cacheFolder(), name, digestOf(readFileSync(requirements, 'utf8')))
}

/** Makes an environment in the cache. Its scripts contain its path, so it is made in place and stamped when complete. */
export async function makeVenvOnce(folder, root, requirements, python) {
  await withLock(lockOf(folder), async () => {
    if (isComplete(folder, '')) return
    await fillVenv(folder, root, requirements, python)
    writeFileSync(stampFile(folder), '')
  })
}

/** Whether an environment was completed, with this stamp, and its Python is still there. */
export function isComplete(folder, stamp) {
  try {
    return readFileSync(stampFile(folder), 'utf8') === stamp && existsSync(path.join(folder, 'bin/python'))
  } catch {
    return false
  }
}

/** Makes a new environment with uv, or with venv and pip if uv fails. */
async function fillVenv(folder, root, requirements, python) {
  rmSync(folder, { recursive: true, force: true })
  await withUv(folder, root, requirements, python).catch(async (error) => {
    say(`uv failed, using pip instead: ${error.message.split('\n').slice(0, 2).join(' ')}`)
    rmSync(folder, { recursive: true, force: true })
    await withPip(folder, root, requirements, python)
  })
}

async function withUv(folder, root, requirements, python) {
  const uv = await makeUv(root, python)
  const env = { UV_PYTHON_DOWNLOADS: 'never', UV_NO_CONFIG: '1', ...(await uvIndex(python)) }
  await run(uv, ['venv', '--quiet', '--python', python, folder], { cwd: root, env })
  const install = [
    ...['pip', 'install', '--quiet', '--require-hashes', '--link-mode', 'hardlink'],
    ...['--python', path.join(folder, 'bin/python'), '--requirement', requirements],
  ]
  // from uv's cache if it has everything: reading the index costs 40 MB
  await run(uv, [...install, '--offline'], { cwd: root, env }).catch(() => run(uv, install, { cwd: root, env }))
}

async function withPip(folder, root, requirements, python) {
  await run(python, ['-m', 'venv', folder], { cwd: root }).catch((error) => {
    throw new SetupFailure(error.problem, 'Install python3-venv (Debian, Ubuntu).', { cause: error })
  })
  const install = ['install', '--quiet', '--require-hashes', '-r', path.join(root, requirements)]
  await pip(path.join(folder, 'bin/python'), install)
}

/** The pinned uv, installed into the cache by pip. */
async function makeUv(root, python) {
  const requirements = path.join(root, 'commands/setup/python/requirements-uv.txt')
  const folder = path.join(cacheFolder(), 'uv', digestOf(readFileSync(requirements, 'utf8')))
  await makeOnce(folder, async (unfinished) => {
    const install = ['install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
    await pip(python, [...install, '--target', unfinished, '-r', requirements])
  })
  return path.join(folder, 'bin/uv')
}

/** The indexes, proxy and certificates of pip's configuration as variables for uv, which does not read it. */
async function uvIndex(python) {
  const listed = await pip(python, ['config', 'list'])
  const setting = (name) =>
    listed
      .match(new RegExp(`^\\S+\\.${name}='(.*)'$`, 'm'))?.[1]
      ?.replaceAll('\\n', ' ')
      .trim()
  const variables = {
    UV_DEFAULT_INDEX: setting('index-url'),
    UV_INDEX: setting('extra-index-url'),
    UV_FIND_LINKS: setting('find-links')?.replace(/ +/g, ','),
    UV_NO_INDEX: setting('no-index'),
    UV_INSECURE_HOST: setting('trusted-host'),
    SSL_CERT_FILE: setting('cert'),
    ALL_PROXY: setting('proxy'),
  }
  return Object.fromEntries(Object.entries(variables).filter(([name, value]) => value && !process.env[name]))
}

function stampFile(folder) {
  return path.join(folder, 'paddock-setup')
}

/** The scripts of a venv contain its path, and it links to the machine's Python: both are part of the stamp. */
function stampOf(root) {
  const requirements = readFileSync(path.join(root, 'commands/setup/python/requirements.txt'), 'utf8')
  return digestOf(
    requirements,
    realpathSync(path.join(root, '.venv')),
    realpathSync(path.join(root, '.venv/bin/python')),
  )
}
