import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** One stage: it writes its pid, and goes on for the milliseconds in WAIT_MS, unmoved by signals if IGNORE says so; FAIL ends it. */
const STAGE = `
import { writeFileSync } from 'node:fs'
if (process.env.IGNORE) for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
if (process.env.FAIL) process.exit(3)
writeFileSync('pid', String(process.pid))
setTimeout(() => writeFileSync('out.txt', process.execPath), Number(process.env.WAIT_MS ?? 0))
`

const folder = temporaryFolder({ per: 'file' })
beforeAll(async () => {
  for (const link of ['.venv', 'node_modules', 'src']) await symlink(resolve(link), join(folder.path, link))
  const commands = ['repro', 'dvc', 'use', 'add', 'accept-test-set'].map((name) => `commands/${name}.ts`)
  const files = ['package.json', 'data.dvc', 'test-set.csv', 'exclude.csv', ...commands]
  for (const file of files) await cp(file, join(folder.path, file))
  await cp('profiles/sample.yaml', join(folder.path, 'params.yaml'))
  await writeFile(join(folder.path, 'stage.mjs'), STAGE)
  await writeFile(
    join(folder.path, 'dvc.yaml'),
    'stages:\n  one: {cmd: node stage.mjs, deps: [stage.mjs], outs: [out.txt]}\n',
  )
  await execa('git', ['init', '--quiet'], { cwd: folder.path })
  await dvc(['init', '--quiet'])
})

function command(script: string, args: readonly string[], env: Record<string, string> = {}) {
  return execa(process.execPath, [script, ...args], { cwd: folder.path, env, reject: false })
}
const dvc = (args: readonly string[]) => command('commands/dvc.ts', args)
const repro = (args: readonly string[] = [], env = {}) => command('commands/repro.ts', ['one', ...args], env)

/** Starts a long run and waits until its stage runs. */
async function startLongRun(env: Record<string, string>) {
  await rm(join(folder.path, 'pid'), { force: true })
  const running = repro(['--force'], { WAIT_MS: '60000', ...env })
  for (;;) {
    await sleep(50)
    const pid = Number(await readFile(join(folder.path, 'pid'), 'utf8').catch(() => ''))
    if (pid > 0) return { running, pid }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('repro', () => {
  it('runs the stages with the Node that runs it, then says that everything is up to date', async () => {
    const first = await repro()
    expect(first.exitCode).toBe(0)
    expect(first.stdout).toMatch(/^Running stage 'one':\n> node stage\.mjs\nrepro: done \(\d+\.\d s\)$/) // no hints of DVC's
    expect(await readFile(join(folder.path, 'out.txt'), 'utf8')).toBe(process.execPath)
    const second = await repro()
    expect(second.stdout).toMatch(/repro: everything is up to date \(\d+\.\d s\)$/)
  })

  it('exits with 1 where DVC fails, and says nothing more', async () => {
    const { exitCode, stdout, stderr } = await repro(['--force'], { FAIL: '1' })
    expect(exitCode).toBe(1)
    expect(stderr).toContain("ERROR: failed to reproduce 'one'")
    expect(stdout).not.toContain('repro:')
  })

  it('is refused beside another, as is a change of what it reads; ends the stage with itself on SIGINT, and exits with 130', async () => {
    const { running, pid } = await startLongRun({})
    const others = ['repro.ts', 'use.ts', 'add.ts', 'accept-test-set.ts'].map((name) => command(`commands/${name}`, []))
    for (const { exitCode, stdout, stderr } of await Promise.all(others)) {
      expect([exitCode, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(
        /^([a-z-]+): DataError: Expected no other DVC to run in this checkout during `npm run \1`, received process \d+: dvc repro one --force\. Wait for it to end, or end it with `kill \d+`\.$/,
      )
    }
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    expect(isAlive(pid)).toBe(false)
  })

  it('ends a stage that ignores signals on the third, and exits as after the first', async () => {
    const { running, pid } = await startLongRun({ IGNORE: '1' })
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGINT'] as const) {
      running.kill(signal)
      await sleep(300)
    }
    expect((await running).exitCode).toBe(143)
    expect(isAlive(pid)).toBe(false)
  })

  it('ends the stage when somebody ended DVC alone', async () => {
    const { running, pid } = await startLongRun({})
    const { stdout } = await execa('ps', ['-o', 'pgid=', '-p', String(pid)])
    process.kill(Number(stdout), 'SIGKILL') // the group has DVC's pid
    expect((await running).exitCode).toBe(137)
    expect(isAlive(pid)).toBe(false)
  })
})

describe('dvc', () => {
  it('passes its arguments on', async () => {
    expect((await dvc(['--version'])).stdout).toBe('3.67.1')
  })
})
