import { chmod } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { describeRun, requireNoDvc } from '../../src/dvc/running.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('requireNoDvc', () => {
  temporaryFolder({ enter: true })

  /** A program called dvc, which the lock file names. */
  async function start(...args: string[]) {
    await writeTo('bin/dvc', '#!/bin/sh\nread wait\n')
    await chmod('bin/dvc', 0o755)
    const running = execa(resolve('bin/dvc'), args, { stdin: 'pipe', reject: false })
    await writeTo('.dvc/tmp/lock', ` ${running.pid}\n`)
    return { running } // not the promise itself, which would be awaited
  }

  it.each([
    ['a short command', 'status'],
    ['a stage that only rwlock names, since a later command has written lock', 'repro'],
  ])('waits for the end of %s', async (_what, command) => {
    const { running } = await start(command)
    if (command === 'repro') {
      await writeTo('.dvc/tmp/lock', ' 999999999\n')
      await writeTo('.dvc/tmp/rwlock', `{"write": {"out": {"pid": ${running.pid}, "cmd": "dvc repro"}}}`)
    }
    let isOver = false
    const waiting = requireNoDvc('a test').then(() => {
      isOver = true
    })
    await sleep(300)
    expect(isOver).toBe(false)
    running.stdin.end()
    await running
    await waiting
  })

  it('is named where a command only reads', async () => {
    expect(await describeRun()).toBeUndefined()
    const { running } = await start('repro')
    expect(await describeRun()).toBe(
      `a run is going on in this checkout (process ${running.pid}: dvc repro); until it ends, models and results may be missing or old`,
    )
    running.stdin.end()
    await running
    expect(await describeRun()).toBeUndefined()
  })

  it('goes on beside what is harmless, beside another program of that number, and where DVC never ran', async () => {
    const { running } = await start('exp', 'run', '--temp', 'train@net')
    await requireNoDvc('a test', /^dvc exp run --temp /)
    running.stdin.end()
    await running
    await writeTo('.dvc/tmp/lock', ` ${process.pid}\n`)
    await writeTo('.dvc/tmp/rwlock', `{"write": {"out": {"pid": ${process.pid}, "cmd": "dvc repro"}}}`)
    await expect(requireNoDvc('a test')).resolves.toBeUndefined()
  })
})
