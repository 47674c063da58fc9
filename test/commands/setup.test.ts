import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChangedLibrary } from '../../src/tensorflow/installed.ts'
import { type Checkout, makeCheckout } from '../support/checkout.ts'

const LINK = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'
const NOTHING = '/nowhere'

const made: Checkout[] = []
async function checkout(options: Parameters<typeof makeCheckout>[0] = {}): Promise<Checkout> {
  const one = await makeCheckout(options)
  made.push(one)
  return one
}
afterAll(async () => {
  for (const { root } of made) await rm(dirname(root), { recursive: true })
})

describe('package-lock.json', () => {
  it('is accepted by npm, which wants the packages of every platform in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'paddock-lock-'))
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) await cp(name, join(folder, name))
    const options = ['--dry-run', '--offline', '--cache', join(folder, 'cache')]
    const { exitCode, stderr } = await execa('npm', ['ci', ...options], { cwd: folder, reject: false })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    await rm(folder, { recursive: true })
  })
})

describe('nodeFault', () => {
  it('refuses a Node that is too old, and says what to install', async () => {
    const versions = ['12.22.9', '18.19.1', '20.8.1', '20.9.0', '22.0.0', '24.21.0']
    const { stdout } = await execa(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { nodeFault } from './commands/setup/node.mjs'
      for (const version of process.argv.slice(1)) console.log(nodeFault(version) ?? '')`,
      ...versions,
    ])
    const refused = (version: string) =>
      `Expected Node 20.9 or later, received ${version}. Install Node 24 with npm, from nodejs.org or with nvm.`
    expect(stdout.split('\n')).toEqual([...versions.slice(0, 3).map(refused), '', '', ''])
  })
})

describe('setup, in an empty checkout', () => {
  let empty: Checkout
  beforeAll(async () => {
    empty = await checkout()
  })

  it('says in one line what to install where Python is missing, and exits with 1', async () => {
    const { exitCode, stderr, stdout } = await empty.setup(['--cpu'], { env: { PATH: NOTHING } })
    expect({ exitCode, stdout, lines: stderr.split('\n').length }).toEqual({ exitCode: 1, stdout: '', lines: 1 })
    expect(stderr).toMatch(
      /^setup: Expected Python 3\.10 or later with pip, received none on PATH\. Install python3, python3-pip/,
    )
  })

  it('says in one line what to install where the compiler is missing, before it starts anything', async () => {
    const { exitCode, stderr } = await empty.setup(['--cpu'], { env: { CXX: `${NOTHING}/g++` } })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^setup: Expected a C\+\+17 compiler, .* Install g\+\+ \(Debian, Ubuntu\) or gcc-c\+\+ \(Fedora\), or set CXX\.$/,
    )
    expect(existsSync(join(empty.root, '.venv'))).toBe(false)
  })

  it('needs neither Python nor a compiler for the npm packages alone', async () => {
    const { exitCode, stdout } = await empty.setup(['--packages'], { env: { PATH: NOTHING } })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^setup: up to date/)
    expect(existsSync(join(empty.root, '.venv'))).toBe(false)
  })

  it('refuses a cache that is a file before it downloads anything', async () => {
    const file = join(empty.root, 'package.json')
    const { exitCode, stderr } = await empty.setup(['--cpu'], { env: { PADDOCK_CACHE: file } })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `setup: Expected to use ${file}, received a file that is there already. Set PADDOCK_CACHE to a folder that can be written to.`,
    })
    expect(existsSync(join(empty.root, '.venv'))).toBe(false)
  })

  it('names the process and the folder of the set-up that it waits for', async () => {
    const code = (work: string) => [
      ...['--input-type=module', '--eval'],
      `import { withLock } from './commands/setup/lock.mjs'
      await withLock(process.argv[1], async () => { ${work} })`,
      join(empty.root, 'some.lock'),
    ]
    const first = execa(
      process.execPath,
      code(
        "console.log('locked'); await new Promise((done) => process.stdin.once('data', done)); process.stdin.unref()",
      ),
    )
    await once(first.stdout, 'data')
    const second = execa(process.execPath, code(''))
    await once(second.stderr, 'data')
    first.stdin.end('enough')
    const { stderr } = await second
    expect(stderr).toBe(`setup: waiting for another set-up, process ${first.pid} in ${process.cwd()}/ …`)
    await first
  })

  it('refuses an option that it does not know', async () => {
    const { exitCode, stderr } = await empty.setup(['--cuda'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'setup: Expected --cpu, --gpu, --packages, --ci-tools or --help, received --cuda.',
    })
  })

  it('refuses a device that no TensorFlow is pinned for', async () => {
    const other = await checkout()
    const { exitCode, stderr } = await other.setup(['--gpu'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `setup: Expected a TensorFlow for linux-${process.arch}-cpu, received linux-${process.arch}-gpu. Use --cpu.`,
    })
  })

  it('goes on with pip where uv cannot be had, and refuses a wheel with another checksum', async () => {
    const wrong = await checkout({ uv: false, wheelSha256: '0'.repeat(64) })
    const { exitCode, stderr } = await wrong.setup()
    expect(stderr).toContain('uv failed, using pip instead')
    expect((await execa(join(wrong.root, '.venv/bin/dvc'))).stdout).toBe('dvc in miniature')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/hash/i)
    const left = await readdir(join(wrong.cache, 'runtime'))
    expect(left.filter((name) => !name.endsWith('.unfinished'))).toEqual([])
  })

  it('refuses a linked node_modules that does not match, and leaves it alone', async () => {
    const linked = await checkout()
    const shared = join(dirname(linked.root), 'shared')
    await mkdir(shared)
    await rm(join(linked.root, 'node_modules'), { recursive: true })
    await symlink(shared, join(linked.root, 'node_modules'))
    const { exitCode, stderr } = await linked.setup()
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`received a link to ${shared}, which does not. Remove the link, or install there.`)
    expect(await readlink(join(linked.root, 'node_modules'))).toBe(shared)
  })
})

describe('setup --ci-tools', () => {
  it('says in a line each what it could not get, once, and leaves nothing half made', async () => {
    const one = await checkout()
    const programs = join(dirname(one.root), 'programs')
    await mkdir(programs)
    const { stdout: python } = await execa('python3', ['-c', 'import sys; print(sys.executable)'])
    await symlink(python, join(programs, 'python3'))
    // an npm whose registry hands out another archive than the pinned one
    await writeFile(join(programs, 'npm'), '#!/bin/sh\necho changed >openapi.tgz\necho openapi.tgz\n', { mode: 0o755 })
    await symlink(process.execPath, join(programs, 'chromium'))
    await cp(
      join(one.root, 'commands/setup/python/requirements.txt'),
      join(one.root, 'commands/setup/python/requirements-ci.txt'),
    )
    const env = { PATH: programs, npm_execpath: undefined }
    const { exitCode, stderr } = await one.setup(['--cpu', '--ci-tools'], { env })
    expect(exitCode).toBe(1)
    expect(stderr.match(/Expected Go 1\.25 or later for act and actionlint, received none on PATH\./g)).toHaveLength(1)
    expect(stderr).toMatch(/Expected @octokit\/openapi 23\.0\.2 with SHA-512 pV8M.*, received /)
    const left = await readdir(join(one.cache, 'ci-tools'))
    expect(left.filter((name) => !name.endsWith('.unfinished'))).toEqual(['python'])
  })
})

describe('setup, killed while it compiled', () => {
  let killed: Checkout
  beforeAll(async () => {
    killed = await checkout()
    const first = killed.setup()
    while ((await killed.compilerRuns()).started === 0) await sleep(20)
    first.kill('SIGKILL')
    await first
  })

  it('is completed by the next one; two at once do the work once and both succeed', async () => {
    expect(existsSync(join(killed.root, LINK))).toBe(false)
    const both = await Promise.all([killed.setup(), killed.setup()])
    for (const { exitCode, stderr } of both) expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    // the killed set-up's compiler, and one for each of the two libraries
    expect(await killed.compilerRuns()).toEqual({ started: 3, finished: 3 })
    expect(await readFile(join(killed.root, LINK), 'utf8')).toBe('binding\n')
    const { stdout } = await execa(join(killed.root, '.venv/bin/dvc'))
    expect(stdout).toBe('dvc in miniature')
  })

  it('lends its cache to a second checkout, which compiles nothing', async () => {
    const second = await checkout()
    const { exitCode, stderr } = await second.setup(['--cpu'], { env: killed.env })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stderr).toMatch(/^setup: Python packages \(DVC\) … \d+\.\d s$/)
  })

  it('keeps of the wheels what is to be kept, under names of their own', async () => {
    const names = await readdir(join(killed.cache, 'runtime'), { recursive: true })
    expect(names.map((name) => name.slice(16)).sort()).toEqual([
      '',
      '/installed.json',
      '/tensorflow',
      '/tensorflow/lib',
      '/tensorflow/lib/library.so',
    ])
    expect((await readdir(join(killed.cache, 'binding'))).length).toBe(1)
  })

  it('stamps the libraries: a start sees another file, and doctor --deep one byte under the same size, time and inode', async () => {
    const { name } = (await readdir(join(killed.cache, 'runtime'), { withFileTypes: true }))[0] ?? { name: '' }
    const runtime = join(killed.cache, 'runtime', name)
    const library = join(runtime, 'tensorflow/lib/library.so')
    const deep = async () => {
      const script = join(killed.root, 'commands/doctor.mjs')
      const { stdout } = await execa(process.execPath, [script, '--deep', '--json'], { env: killed.env, reject: false })
      const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; found: string }[] }
      return findings.find((finding) => finding.name === 'libraries')
    }
    expect(await deep()).toMatchObject({ state: 'ok', found: '1 unchanged since set-up, by SHA-256' })
    expect(findChangedLibrary(runtime)).toBeUndefined()

    const { atime, mtime } = await stat(library)
    await writeFile(library, 'A library') // the same size and inode
    await utimes(library, atime, mtime)
    expect(await deep()).toMatchObject({
      state: 'fault',
      found: `Expected TensorFlow's libraries as installed, received different bytes: ${library}.`,
    })
    await utimes(library, 1, 1)
    expect(findChangedLibrary(runtime)).toBe(library)

    await rm(library)
    expect(findChangedLibrary(runtime)).toBe(library)
    await writeFile(library, 'a library') // as a copy of the cache has it: the same bytes, another inode and time
    const stamp = await readFile(join(runtime, 'installed.json'), 'utf8')
    expect(findChangedLibrary(runtime)).toBeUndefined()
    expect(await readFile(join(runtime, 'installed.json'), 'utf8')).not.toBe(stamp) // hashed once
    await writeFile(library, 'a library with more')
    expect(findChangedLibrary(runtime)).toBe(library)
    await writeFile(library, 'a library')
  })

  it('is up to date after that, and starts neither npm nor Python nor a compiler', async () => {
    const { exitCode, stdout, stderr } = await killed.setup([], { env: { PATH: NOTHING } })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^setup: up to date \(\d+\.\d s\)$/)
  })

  it('makes the Python environment again, and nothing else, when its requirements change', async () => {
    const requirements = join(killed.root, 'commands/setup/python/requirements.txt')
    await writeFile(requirements, `# changed\n${await readFile(requirements, 'utf8')}`)
    const { exitCode, stderr } = await killed.setup([])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Python packages')
    expect(stderr).not.toContain('TensorFlow binding')
  })

  it('compiles again when a source changes', async () => {
    await writeFile(join(killed.root, 'src/tensorflow/native/paddock_binding.cc'), '// changed\n')
    const { exitCode, stderr } = await killed.setup([])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^setup: compiling the TensorFlow binding … \d+\.\d s$/)
    await writeFile(join(killed.root, 'src/images/native/resize.cc'), '// changed\n')
    expect((await killed.setup([])).stderr).toMatch(/^setup: compiling the resize of images … \d+\.\d s$/)
    expect(await readFile(join(killed.root, 'node_modules/.paddock/resize.node'), 'utf8')).toBe('binding\n')
  })

  it('ends its compiler, and frees its locks, when it is interrupted', async () => {
    await writeFile(join(killed.root, 'src/tensorflow/native/paddock_binding.cc'), '// changed again\n')
    const before = await killed.compilerRuns()
    const running = killed.setup([])
    while ((await killed.compilerRuns()).started === before.started) await sleep(20)
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    const left = await readdir(join(killed.cache, 'binding'))
    expect(left.filter((name) => name.includes('.lock'))).toEqual([])
    await sleep(1500)
    expect((await killed.compilerRuns()).finished).toBe(before.finished)
  })
})
