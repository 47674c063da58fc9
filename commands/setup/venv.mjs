/** The Python environment with DVC: .venv, from requirements.txt, which pins every package by hash. */
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, digestOf, makeOnce } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { pip } from './pip.mjs'
import { run } from './run.mjs'
import { say, timed } from './say.mjs'

/** Whether .venv was completed from these requirements, at this place, and its Python is still there. */
export function hasVenv(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === stampOf(root) && existsSync(path.join(root, '.venv/bin/dvc'))
  } catch {
    return false
  }
}

/** Makes .venv anew, through uv where it can be had, else through venv and pip. */
export async function makeVenv(root, python) {
  await timed('Python packages (DVC)', async () => {
    rmSync(path.join(root, '.venv'), { recursive: true, force: true })
    await withUv(root, python).catch(async (error) => {
      say(`uv failed, going on with pip: ${error.message.split('\n').slice(0, 2).join(' ')}`)
      rmSync(path.join(root, '.venv'), { recursive: true, force: true })
      await withPip(root, python)
    })
  })
  writeFileSync(stampFile(root), stampOf(root))
}

async function withUv(root, python) {
  const uv = await makeUv(root, python)
  const env = { UV_PYTHON_DOWNLOADS: 'never', UV_NO_CONFIG: '1', ...(await uvIndex(python)) }
  await run(uv, ['venv', '--quiet', '--python', python, '.venv'], { cwd: root, env })
  const install = [
    ...['pip', 'install', '--quiet', '--require-hashes', '--link-mode', 'hardlink'],
    ...['--python', '.venv/bin/python', '--requirement', 'requirements.txt'],
  ]
  // from uv's cache if it has everything: a look at the index costs 40 MB
  await run(uv, [...install, '--offline'], { cwd: root, env }).catch(() => run(uv, install, { cwd: root, env }))
}

async function withPip(root, python) {
  await run(python, ['-m', 'venv', '.venv'], { cwd: root }).catch((error) => {
    throw new SetupFailure(error.problem, 'Install python3-venv (Debian, Ubuntu).', { cause: error })
  })
  const requirements = path.join(root, 'requirements.txt')
  await pip(path.join(root, '.venv/bin/python'), ['install', '--quiet', '--require-hashes', '-r', requirements])
}

/** The pinned uv, installed into the cache by pip. */
async function makeUv(root, python) {
  const requirements = path.join(root, 'requirements-uv.txt')
  const folder = path.join(cacheFolder(), 'uv', digestOf(readFileSync(requirements, 'utf8')))
  await makeOnce(folder, async (unfinished) => {
    const install = ['install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
    await pip(python, [...install, '--target', unfinished, '-r', requirements])
  })
  return path.join(folder, 'bin/uv')
}

/** What the user told pip about indexes and the way to them, in uv's variables; uv does not read pip's configuration. */
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

function stampFile(root) {
  return path.join(root, '.venv/paddock-setup')
}

/** Scripts of a venv hold its place, and the venv links to the machine's Python: both are part of what it was made from. */
function stampOf(root) {
  const requirements = readFileSync(path.join(root, 'requirements.txt'), 'utf8')
  return digestOf(
    requirements,
    realpathSync(path.join(root, '.venv')),
    realpathSync(path.join(root, '.venv/bin/python')),
  )
}
