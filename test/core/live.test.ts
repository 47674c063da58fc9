import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLive } from '../../src/core/live.ts'

const LOADER = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href
const LIVE = resolve('src/core/live.ts')
const WATCH = resolve('commands/watch.ts')
const home = process.cwd()

/** A process that says it is at step 3 of 9, and then waits. */
function startWork(label: string) {
  const program = `
    const { publishLive, announceLive } = await import(${JSON.stringify(LIVE)})
    if (${JSON.stringify(label)} === '') await announceLive()
    else publishLive({ label: ${JSON.stringify(label)}, done: 3, total: 9, note: 'loss 0.5' })
    process.once('SIGINT', () => process.exit(0))
    setInterval(() => {}, 1000)
    console.log('there')`
  return execa('node', ['--import', LOADER, '--input-type=module', '--eval', program], { reject: false })
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300 && !(await isSo()); i++) await new Promise((wait) => setTimeout(wait, 100))
}

describe('what goes on in a checkout', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-live-'))
    process.chdir(folder)
  })
  afterAll(async () => {
    process.chdir(home)
    await rm(folder, { recursive: true })
  })

  it('is nothing at first, and watch says so', async () => {
    expect(await readLive()).toEqual([])
    const { stdout, exitCode } = await execa('node', ['--import', LOADER, WATCH])
    expect(stdout).toMatch(/^watch: nothing runs in this checkout\. Start a run: npm run repro \(/)
    expect(exitCode).toBe(0)
  })

  it('is seen by watch, which ends with it', async () => {
    const run = startWork('')
    const work = startWork('train@net: epoch 2/3, step')
    await until(async () => (await readLive()).length === 2)
    expect(await readLive()).toContainEqual({
      pid: work.pid,
      began: expect.stringMatching(/^\d+$/),
      label: 'train@net: epoch 2/3, step',
      done: 3,
      total: 9,
      note: 'loss 0.5',
    })
    const watching = execa('node', ['--import', LOADER, WATCH])
    let told = ''
    watching.stderr.on('data', (text) => {
      told += text
    })
    await until(async () => told !== '')
    expect(told).toBe('train@net: epoch 2/3, step 3/9, loss 0.5\n')
    for (const each of [work, run]) each.kill('SIGINT')
    const { stdout } = await watching
    expect(stdout).toMatch(/^watch: the run has ended \(/)
    expect(await readdir(join(folder, '.paddock/live'))).toEqual([])
  })

  it('is not what a killed process left, nor that of another process with its number', async () => {
    const work = startWork('train@net: features')
    await until(async () => (await readLive()).length === 1)
    work.kill('SIGKILL')
    await work
    expect(await readdir(join(folder, '.paddock/live'))).toEqual([`${work.pid}.json`])
    await mkdir('.paddock/live', { recursive: true })
    const other = { pid: process.pid, began: '1', label: 'x', done: 0, total: 1, note: '' }
    await writeFile(`.paddock/live/${process.pid}.json`, JSON.stringify(other))
    await writeFile('.paddock/live/1.json', 'half a fi')
    expect(await readLive()).toEqual([])
    expect(await readdir(join(folder, '.paddock/live'))).not.toContain(`${work.pid}.json`)
  })
})
