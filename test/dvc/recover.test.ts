import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parseLock } from '../../src/dvc/lock.ts'
import { keepLock, recover, removeTruncatedRwlock } from '../../src/dvc/recover.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PYTHON = resolve('.venv/bin/python')

/** As DVC wrote it for a stage with everything that it writes. */
const WHOLE = `schema: '2.0'
stages:
  split:
    cmd: pipeline/node pipeline/split.ts
    deps:
    - path: src/core
      hash: md5
      md5: 3ff90dbd2e16bea8bd4cf26cc4c3b5a2.dir
      size: 30000
      nfiles: 14
    params:
      params.yaml:
        seed: 1
        models.first: {}
    outs:
    - path: artifacts/split
      hash: md5
      md5: 60b725f10c9c85c70d97880dfe8191b3.dir
      size: 2
  gate:
    cmd: pipeline/node pipeline/gate.ts
`

/** Reads texts of dvc.lock as JSON, and gives whether DVC accepts each. */
const ACCEPTED_BY_DVC = `
import json, sys
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils.serialize import parse_yaml
def accepts(text):
    try:
        COMPILED_LOCKFILE_SCHEMA(parse_yaml(text, 'dvc.lock'))
        return True
    except Exception:
        return False
print(json.dumps([accepts(text) for text in json.load(sys.stdin)]))
`

async function git(...args: string[]): Promise<void> {
  const user = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']
  await execa('git', [...user, ...args])
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

const lock = () => readFile('dvc.lock', 'utf8')

/** Holds the lock that DVC has while it writes, for a moment in which it does some work. */
async function whileDvcWrites(work: () => Promise<void>): Promise<void> {
  await mkdir('.dvc/tmp', { recursive: true })
  const dvc = execa('flock', ['.dvc/tmp/lock', 'sh', '-c', 'echo held; exec cat'], { stdin: 'pipe' })
  onTestFinished(() => void dvc.kill())
  await dvc[Symbol.asyncIterator]().next()
  setTimeout(() => void work().then(() => dvc.stdin.end()), 100)
}

describe('recover', () => {
  temporaryFolder({ enter: true })

  beforeEach(async () => {
    await git('init', '--quiet')
    await write('dvc.lock', WHOLE)
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'test')
  })

  it('restores the copy of the last run, which is newer than that in git', async () => {
    const newer = WHOLE.replace('seed: 1', 'seed: 2')
    await write('dvc.lock', newer)
    expect(await recover()).toBeUndefined()
    await write('dvc.lock', '')
    expect(await recover()).toBe(
      'dvc.lock was truncated, as by a killed run or a full disk; restored the copy of the last run',
    )
    expect(await lock()).toBe(newer)
  })

  it('restores that of the last commit where another one than in the last run is checked out, or there is no copy', async () => {
    await write('dvc.lock', WHOLE.replace('seed: 1', 'seed: 2'))
    await keepLock()
    await git('commit', '--quiet', '--allow-empty', '--message', 'another')
    for (const before of [async () => {}, () => rm('.paddock/dvc.lock')]) {
      await before()
      await write('dvc.lock', WHOLE.slice(0, 300))
      expect(await recover()).toMatch(/; restored that of the last commit$/)
      expect(await lock()).toBe(WHOLE)
    }
  })

  it('keeps no cut copy, and restores none', async () => {
    await keepLock()
    const whole = await readFile('.paddock/dvc.lock', 'utf8')
    await write('dvc.lock', WHOLE.slice(0, 300))
    await keepLock()
    expect(await readFile('.paddock/dvc.lock', 'utf8')).toBe(whole)
    await write('.paddock/dvc.lock', whole.slice(0, 300))
    expect(await recover()).toMatch(/; restored that of the last commit$/)
    expect(await lock()).toBe(WHOLE)
  })

  it('waits for a DVC that is about to write dvc.lock, and leaves what that wrote', async () => {
    const written = WHOLE.replace('seed: 1', 'seed: 3')
    await write('dvc.lock', '')
    await whileDvcWrites(() => writeFile('dvc.lock', written))
    expect(await recover()).toBeUndefined()
    expect(await lock()).toBe(written)
  })

  it('removes no temporary file of a DVC that is at work', async () => {
    const temporary = '.dvc/cache/files/md5/67/.ng4ldLYt1E38iuz3EYymAg.tmp'
    await write(temporary, 'object')
    await utimes(temporary, 1, 1)
    await whileDvcWrites(() => rename(temporary, '.dvc/cache/files/md5/67/object'))
    await recover()
    expect(await readFile('.dvc/cache/files/md5/67/object', 'utf8')).toBe('object')
  })

  it('removes a cut dvc.lock of which there is no other, and leaves one with a conflict', async () => {
    await git('rm', '--quiet', '--cached', 'dvc.lock')
    await git('commit', '--quiet', '--message', 'none')
    await write('dvc.lock', '')
    expect(await recover()).toMatch(/; removed, since git has none/)
    await expect(lock()).rejects.toThrow('ENOENT')
    const conflict = WHOLE.replace('stages:', '<<<<<<< HEAD\nstages:')
    await write('dvc.lock', conflict)
    expect(await recover()).toBeUndefined()
    expect(await lock()).toBe(conflict)
  })

  it('restores whatever DVC refuses, wherever it was cut', async () => {
    const cuts = Array.from(WHOLE, (_char, length) => WHOLE.slice(0, length))
    const { stdout } = await execa(PYTHON, ['-c', ACCEPTED_BY_DVC], { input: JSON.stringify(cuts) })
    const accepted: boolean[] = JSON.parse(stdout)
    const isRead = (text: string) => {
      try {
        return parseLock(text).size > 0
      } catch {
        return false
      }
    }
    expect(cuts.filter((text, index) => isRead(text) && !accepted[index])).toEqual([])
    const whole = cuts.filter(isRead)
    expect(whole.every((text) => text.endsWith('\n') || text.endsWith('}'))).toBe(true)
    expect(whole.length).toBeLessThan(20) // ends of lines with which a list or map may end
  })

  it('removes an rwlock that was cut, but not while a DVC may be writing it', async () => {
    const text = '{"write": {"out": {"pid": 1, "cmd": "repro"}}, "read": {}}'
    await write('.dvc/tmp/rwlock', text)
    expect(await removeTruncatedRwlock()).toBeUndefined()
    await write('.dvc/tmp/rwlock', text.slice(0, 30))
    expect(await removeTruncatedRwlock()).toBe('.dvc/tmp/rwlock was truncated, as by a killed run; removed')
    const held =
      'import sys, zc.lockfile; lock = zc.lockfile.LockFile(".dvc/tmp/rwlock.lock"); print(1, flush=True); sys.stdin.read()'
    const dvc = execa(PYTHON, ['-c', held], { stdin: 'pipe' })
    onTestFinished(() => void dvc.kill())
    await dvc[Symbol.asyncIterator]().next()
    await write('.dvc/tmp/rwlock', '')
    setTimeout(() => void writeFile('.dvc/tmp/rwlock', text).then(() => dvc.stdin.end()), 100)
    expect(await removeTruncatedRwlock()).toBeUndefined()
    expect(await readFile('.dvc/tmp/rwlock', 'utf8')).toBe(text)
  })

  it('removes the temporary files and folders of processes that are gone, and of DVC what nobody writes', async () => {
    const gone = [
      'artifacts/split.999999999.0123abcd.tmp/split.csv',
      'artifacts/train/a/notes.txt.999999999.0123abcd.tmp',
      '.paddock/data.999999999.0123abcd.tmp/train/cat/1.png',
      'params.yaml.999999999.0123abcd.tmp',
      '.dvc/cache/files/md5/.6wk7h_0q7-3NQJ3PiZZIVA.tmp',
      '.dvc/cache/files/md5/67/.ng4ldLYt1E38iuz3EYymAg.tmp',
      '.dvc/cache/runs/08/088d/.8VKWFWoXHFu5q_FJYpT4eg.tmp',
      'artifacts/augment/.I0vEoaGk7FSIRg0M-B6dJQ.tmp',
    ]
    const kept = [
      `artifacts/split.${process.pid}.0123abcd.tmp/split.csv`,
      '.dvc/cache/files/md5/67/3c744b1d1f12790a815e4de8f6ca14',
      '.dvc/cache/files/md5/67/.TT110Q-rxYaKiE75toOd_Q.tmp',
      'results/notes.tmp',
    ]
    for (const path of [...gone, ...kept]) await write(path, '')
    const long = new Date(Date.now() - 120_000)
    for (const path of gone) await utimes(path, long, long)
    await recover()
    const entries = await readdir('.', { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    expect(files.filter((file) => [...gone, ...kept].includes(file)).sort()).toEqual(kept.sort())
  })
})
