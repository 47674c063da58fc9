import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa, type Options } from 'execa'
import { cacheFolder } from '../../src/core/paths.ts'

const PYTHON_PACKAGE = 'tiny'

/**
 * A checkout in miniature for set-up's tests, with a cache and a package folder of its own beside it.
 *
 * Set-up's scripts, pip, uv and Python are the real ones. The wheels are tiny ones made here, which pip finds where the
 * user's configuration points it (no index, one folder); uv is the user's own; the compiler is a script that takes a second
 * and counts its runs.
 * npm's packages are there already, as npm's record says.
 */
export interface Checkout {
  readonly root: string
  readonly cache: string
  readonly env: Readonly<Record<string, string>>
  /** How often the compiler was started, and how often it finished. */
  compilerRuns(): Promise<{ started: number; finished: number }>
  /** Runs set-up; `options.env` comes on top of the miniature's. */
  setup(args?: readonly string[], options?: Pick<Options, 'env'>): ReturnType<typeof startSetup>
}

interface CheckoutOptions {
  /** What the checkout pins instead of the wheel's own checksum. */
  readonly wheelSha256?: string
  /** Whether the cache holds uv already; without, it cannot be had. */
  readonly uv?: boolean
}

export async function makeCheckout({ wheelSha256, uv = true }: CheckoutOptions = {}): Promise<Checkout> {
  const base = await mkdtemp(join(tmpdir(), 'paddock-setup-'))
  const [root, cache, wheels] = ['checkout', 'cache', 'wheels'].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ]
  for (const path of ['commands/setup.mjs', 'commands/setup', 'commands/doctor.mjs', 'commands/doctor']) {
    await cp(path, join(root, path), { recursive: true })
  }
  for (const path of ['package.json', 'package-lock.json', '.npmrc', 'node_modules/.package-lock.json']) {
    await cp(path, join(root, path))
  }
  const { sha256, sizeBytes } = await makeWheels(wheels)
  const wheel = {
    name: PYTHON_PACKAGE,
    version: '1.0',
    platform: 'any',
    file: `${PYTHON_PACKAGE}-1.0-py3-none-any.whl`,
  }
  const pins = {
    tensorflow: '1.0',
    python: '3.12',
    keep: ['tensorflow/lib'],
    platforms: {
      [`linux-${process.arch}-cpu`]: {
        unpackedBytes: 1000,
        wheels: [{ ...wheel, sha256: wheelSha256 ?? sha256, sizeBytes }],
      },
    },
  }
  await write(join(root, 'src/tensorflow/native/runtime.json'), JSON.stringify(pins))
  await write(join(root, 'src/tensorflow/native/paddock_binding.cc'), '')
  await write(join(root, 'src/tensorflow/native/quiet_start.cc'), '')
  await write(join(root, 'src/images/native/resize.cc'), '')
  await write(join(root, 'commands/setup/python/requirements.txt'), `${PYTHON_PACKAGE}==1.0 --hash=sha256:${sha256}\n`)
  await cp('commands/setup/python/requirements-uv.txt', join(root, 'commands/setup/python/requirements-uv.txt'))

  if (uv) await cp(join(cacheFolder(), 'uv'), join(cache, 'uv'), { recursive: true })

  const count = join(base, 'compiler-runs')
  await write(count, '')
  await write(join(base, 'compiler'), `#!/bin/sh\n${COMPILER.replaceAll('COUNT', count)}`)
  await chmod(join(base, 'compiler'), 0o755)

  const env = {
    PADDOCK_CACHE: cache,
    CXX: join(base, 'compiler'),
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: wheels,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_REQUIRE_VIRTUALENV: '1', // a habit of many, which set-up has to get along with
    PIP_USER: '1',
  }
  return {
    root,
    cache,
    env,
    async compilerRuns() {
      const lines = (await readFile(count, 'utf8')).split('\n')
      const times = (word: string) => lines.filter((line) => line === word).length
      return { started: times('started'), finished: times('finished') }
    },
    setup: (args = ['--cpu'], more = {}) => startSetup(root, args, { ...env, ...more.env }),
  }
}

function startSetup(root: string, args: readonly string[], env: Record<string, string | undefined>) {
  const script = join(root, 'commands/setup.mjs')
  return execa(process.execPath, [script, ...args], {
    env: { ...process.env, ...env },
    extendEnv: false,
    reject: false,
  })
}

const COMPILER = `
echo started >> COUNT
sleep 1
while [ "$1" != -o ]; do shift; done
echo binding > "$2"
echo finished >> COUNT
`

/** A wheel with a program `dvc`, a library to keep and a file to leave out; made by Python, as pip wants its own format. */
async function makeWheels(folder: string): Promise<{ sha256: string; sizeBytes: number }> {
  await mkdir(folder, { recursive: true })
  const { stdout } = await execa('python3', [resolve('test/support/make_wheel.py'), PYTHON_PACKAGE, folder])
  return JSON.parse(stdout)
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
