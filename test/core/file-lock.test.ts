import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withFlock } from '../../src/core/file-lock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Takes a lock again and again, and writes down when it is inside. */
const PROGRAM = `
import { appendFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { withFileLock } from '${resolve('src/core/file-lock.ts')}'
for (let round = 0; round < 100; round++) {
  await withFileLock('lock', async () => {
    appendFileSync('log', 'in ')
    await turn()
    appendFileSync('log', 'out ')
  }).catch((error) => { if (!error.message.includes('received the lock of process')) throw error })
}
`

describe('withFileLock', () => {
  const folder = temporaryFolder()

  it('lets one process in at a time, over the file of one that was killed', async () => {
    await writeFile(join(folder.path, 'program.ts'), PROGRAM)
    await writeFile(join(folder.path, 'lock'), '999999999')
    const start = () => execa('node', ['program.ts'], { cwd: folder.path })
    await Promise.all([start(), start(), start(), start()])
    const log = (await readFile(join(folder.path, 'log'), 'utf8')).trim().split(' ')
    expect(log.length).toBeGreaterThan(100)
    expect(log.filter((word, index) => word !== (index % 2 === 0 ? 'in' : 'out'))).toEqual([])
  })
})

describe('withFlock', () => {
  const folder = temporaryFolder()

  it('does nothing where another process keeps the lock, and the work where none does', async () => {
    const path = join(folder.path, 'below', 'lock')
    expect(await withFlock(path, 0, async () => 'done')).toBe('done')
    const other = execa('flock', [path, 'sh', '-c', 'echo held; exec cat'], { stdin: 'pipe' })
    onTestFinished(() => void other.kill())
    await other[Symbol.asyncIterator]().next()
    let isDone = false
    const work = async () => {
      isDone = true
    }
    expect(await withFlock(path, 0.1, work)).toBeUndefined()
    expect(isDone).toBe(false)
  })
})
