/** Python environments from files that pin every package by hash: .venv with DVC, and one in the cache for the CI tools. */
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, digestOf, lockOf, makeOnce } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { withLock } from './lock.mjs'
import { pip } from './pip.mjs'
import { run } from './run.mjs'
import { say, timed } from './say.mjs'

/** Holds the stamp of a complete environment. */
const STAMP = 'paddock-setup'

/** The path of a file of requirements. */
export function requirementsFile(name) {
  return fileURLToPath(new URL(`python/${name}`, import.meta.url))
}

/** Whether .venv has DVC, and is complete. */
export function hasVenv(root) {
  const folder = path.join(root, '.venv')
  return existsSync(path.join(folder, 'bin/dvc')) && isComplete(folder, requirementsFile('requirements.txt'))
}

/** Makes a new .venv. */
export async function makeVenv(root, python) {
  const requirements = requirementsFile('requirements.txt')
  await timed('Python packages (DVC)', () => fillVenv(path.join(root, '.venv'), requirements, python))
}

/** Where in the cache the packages of a file of requirements live. */
export function cachedFolder(name, requirements) {
  return path.join(cacheFolder(), name, digestOf(readFileSync(requirements, 'utf8')))
}

/** Makes an environment in the cache once. Its scripts contain its path, so it is made in place. */
export async function makeVenvOnce(folder, requirements, python) {
  await withLock(lockOf(folder), async () => {
    if (!isComplete(folder, requirements)) await fillVenv(folder, requirements, python)
  })
}

/** Whether an environment was completed from these requirements, at this place, and its Python is still there. */
export function isComplete(folder, requirements) {
  try {
    return readFileSync(path.join(folder, STAMP), 'utf8') === stampOf(folder, requirements)
  } catch {
    return false
  }
}

/** Makes a new environment with uv, or with venv and pip if uv fails, and stamps it when it is complete. */
async function fillVenv(folder, requirements, python) {
  rmSync(folder, { recursive: true, force: true })
  await withUv(folder, requirements, python).catch(async (error) => {
    say(`uv failed, using pip instead: ${error.message.split('\n').slice(0, 2).join(' ')}`)
    rmSync(folder, { recursive: true, force: true })
    await withPip(folder, requirements, python)
  })
  writeFileSync(path.join(folder, STAMP), stampOf(folder, requirements))
}

/** The scripts of a venv contain its path, and it links to the machine's Python: both are part of the stamp. */
function stampOf(folder, requirements) {
  const python = realpathSync(path.join(folder, 'bin/python'))
  return digestOf(readFileSync(requirements, 'utf8'), realpathSync(folder), python)
}

async function withUv(folder, requirements, python) {
  const uv = await makeUv(python)
  const env = { UV_PYTHON_DOWNLOADS: 'never', UV_NO_CONFIG: '1', ...(await uvIndex(python)) }
  await run(uv, ['venv', '--quiet', '--python', python, folder], { env })
  const install = [
    ...['pip', 'install', '--quiet', '--require-hashes', '--link-mode', 'hardlink'],
    ...['--python', path.join(folder, 'bin/python'), '--requirement', requirements],
  ]
  // from uv's cache if it has everything: reading the index costs 40 MB
  await run(uv, [...install, '--offline'], { env }).catch(() => run(uv, install, { env }))
}

async function withPip(folder, requirements, python) {
  await run(python, ['-m', 'venv', folder]).catch((error) => {
    throw new SetupFailure(error.problem, 'Install python3-venv (Debian, Ubuntu).', { cause: error })
  })
  await pip(path.join(folder, 'bin/python'), ['install', '--quiet', '--require-hashes', '-r', requirements])
}

/** The pinned uv, installed into the cache by pip. */
async function makeUv(python) {
  const requirements = requirementsFile('requirements-uv.txt')
  const folder = cachedFolder('uv', requirements)
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
