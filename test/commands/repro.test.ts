import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Works for a minute, and saves where it is when it is told to stop. */
const STAGE = `
import { writeFileSync } from 'node:fs'
process.on('SIGTERM', () => { writeFileSync('checkpoint', ''); process.exit(143) })
writeFileSync('pid', String(process.pid))
setTimeout(() => {}, 60_000)
`

const LONG = `stages:
  long: {cmd: pipeline/node stage.mjs, outs: [out.txt]}
`
const GATE = `stages:
  gate:
    cmd: pipeline/node pipeline/gate.ts
    deps:
    - results
    params: [gate, models]
`

const LARGE = `stages:
  large: {cmd: head -c 3000000 /dev/zero > large.bin, outs: [large.bin]}
`

const folder = temporaryFolder({ per: 'file' })
const at = (path: string) => join(folder.path, path)

/** A checkout with thresholds that the committed results miss. */
beforeAll(async () => {
  for (const link of ['.venv', 'node_modules', 'src', 'pipeline']) await symlink(resolve(link), at(link))
  for (const path of ['package.json', 'data.dvc', 'test-set.csv', 'exclude.csv', 'commands/repro.ts', 'results'])
    await cp(path, at(path), { recursive: true })
  const params = await readFile('params.yaml', 'utf8')
  await writeFile(at('params.yaml'), params.replace(/minTestImages: \d+/, 'minTestImages: 1000'))
  await writeFile(at('stage.mjs'), STAGE)
  await execa('git', ['init', '--quiet'], { cwd: folder.path })
  await execa(resolve('.venv/bin/dvc'), ['init', '--quiet'], { cwd: folder.path })
})

function npm(args: readonly string[], env: Record<string, string> = {}) {
  return execa('npm', ['run', 'repro', '--', ...args], { cwd: folder.path, env, reject: false, all: true })
}

describe('npm run repro', () => {
  it('ends the stage with npm when npm gets SIGTERM, after the stage has saved', async () => {
    await writeFile(at('dvc.yaml'), LONG)
    const running = npm(['long'])
    while (!existsSync(at('pid'))) await sleep(50)
    running.kill('SIGTERM')
    await running
    expect(existsSync(at('checkpoint'))).toBe(true)
    const pid = Number(await readFile(at('pid'), 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('says in one line that the disk of the cache is full, and locks nothing that was not stored; starts over a cut rwlock', async (context) => {
    await writeFile(at('dvc.yaml'), LARGE)
    await mkdir(at('.dvc/cache'), { recursive: true })
    const mount = ['unshare', '--map-root-user', '--mount', 'sh', '-c']
    const onSmallDisk = [...mount, 'mount -t tmpfs -o size=1m tmpfs .dvc/cache && exec "$@"', 'sh']
    const run = (args: readonly string[]) =>
      execa(onSmallDisk[0] ?? '', [...onSmallDisk.slice(1), ...args], { cwd: folder.path, reject: false, all: true })
    if ((await run(['true'])).exitCode !== 0) return context.skip() // a container that may mount nothing
    const { exitCode, all } = await run(['npm', 'run', 'repro', '--', 'large'])
    expect(exitCode).toBe(1)
    expect(all.trim().split('\n').at(-1)).toMatch(
      /^repro: DataError: Expected free space on the disk of DVC's cache, \S+\.dvc\/cache, but it is full \(ENOSPC\)\. What could not be stored is not in dvc\.lock: free some space and run the same command again\.$/,
    )
    expect(existsSync(at('dvc.lock'))).toBe(false)
    await writeFile(at('.dvc/tmp/rwlock'), '{"wri') // as a killed DVC leaves it: no DVC starts
    const again = await npm(['large'])
    expect(again.all).toContain('\ndvc: .dvc/tmp/rwlock was truncated, as by a killed run; removed\n')
    expect(again.exitCode).toBe(0)
    expect(await readFile(at('dvc.lock'), 'utf8')).toContain('size: 3000000')
  })

  it('says what to do about a missed gate once, and ends with what was missed', async () => {
    await writeFile(at('dvc.yaml'), GATE)
    const { exitCode, all } = await npm(['gate'])
    expect(exitCode).toBe(1)
    expect(all.match(/Expected at least 1,000 test images/g)).toHaveLength(1)
    expect(all).not.toContain('failed to reproduce')
    expect(all.trim().split('\n').at(-1)).toBe(
      'repro: GateError: The gate is missed: 30 test images, fewer than 1,000. What to do is above; the results are in results/README.md.',
    )
  })

  it.each([
    ['without git', {}, /^repro: ConfigError: Expected a git repository, received .* Run `git init`, or clone /],
    [
      'of another user',
      { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
      /Run `git config --global --add safe\.directory \S+`\.$/,
    ],
    [
      'with a file for a cache',
      { PADDOCK_CACHE: 'params.yaml' },
      /Expected a folder for the cache, received .* at \S*params\.yaml\. Set PADDOCK_CACHE/,
    ],
  ])('says in one line what to do in a checkout %s', async (which, env, line) => {
    await writeFile(at('dvc.yaml'), GATE)
    if (which === 'without git') await rename(at('.git'), at('git'))
    const { exitCode, all } = await npm(['gate'], env)
    if (which === 'without git') await rename(at('git'), at('.git'))
    expect(exitCode).toBe(1)
    const [said, ...more] = all.split('\n').filter((each) => each !== '' && !each.startsWith('>'))
    expect(said).toMatch(line)
    expect(more).toEqual([])
  })
})
