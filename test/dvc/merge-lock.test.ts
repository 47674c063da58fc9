import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseLock } from '../../src/dvc/lock.ts'
import { mergeLocks } from '../../src/dvc/merge-lock.ts'

const committed = await readFile('dvc.lock', 'utf8')

const stage = (name: string, value: string) => `  ${name}:\n    cmd: node ${value}\n`
const lock = (...stages: string[]) => `schema: '2.0'\nstages:\n${stages.join('')}`
const [split, trainA, reported, gated] = [
  stage('split', '1'),
  stage('train@a', '1'),
  stage('report', '1'),
  stage('gate', '1'),
]
const base = lock(split, trainA, reported, gated)

describe('mergeLocks', () => {
  it('takes what one side added, changed or removed, and drops report and gate', () => {
    const ours = lock(split, stage('train@a', '2'), stage('train@b', '1'), stage('report', '2'), gated)
    const theirs = lock(split, trainA, stage('train@c', '1'), stage('report', '3'))
    expect(mergeLocks(base, ours, theirs)).toEqual({
      text: lock(split, stage('train@a', '2'), stage('train@b', '1'), stage('train@c', '1')),
      conflicts: [],
    })
    expect(mergeLocks(base, lock(split), theirs).text).toBe(lock(split, stage('train@c', '1')))
    expect(mergeLocks(base, ours, lock(trainA)).text).toBe(lock(stage('train@a', '2'), stage('train@b', '1')))
  })

  it('takes a stage that both sides changed in the same way, or added without a common ancestor', () => {
    const both = lock(stage('split', '2'), stage('train@b', '1'))
    expect(mergeLocks(base, both, both)).toEqual({ text: both, conflicts: [] })
    expect(mergeLocks('', both, both)).toEqual({ text: both, conflicts: [] })
  })

  it('leaves a conflict where both changed one stage, or one changed what the other removed', () => {
    const merged = mergeLocks(base, lock(split, stage('train@a', '2')), lock(split, stage('train@a', '3')))
    expect(merged.conflicts).toEqual(['train@a'])
    expect(merged.text).toBe(
      lock(split, `<<<<<<< ours\n${stage('train@a', '2')}=======\n${stage('train@a', '3')}>>>>>>> theirs\n`),
    )
    expect(mergeLocks(base, lock(split), lock(split, stage('train@a', '3'))).conflicts).toEqual(['train@a'])
  })

  it('keeps the lines of DVC, and reads a lock of another form', () => {
    const without = committed.replace(/^ {2}(report|gate):\n( {4,}.*\n)*/gm, '')
    expect([...parseLock(without).keys()]).not.toContain('gate')
    expect(mergeLocks(committed, committed, committed).text).toBe(without)
    const other = mergeLocks('', JSON.stringify(parse(committed)), stringify(parse(committed)))
    expect(parse(other.text)).toEqual(parse(without))
  })

  it('refuses a version that was cut', () => {
    expect(() => mergeLocks(base, lock(split).trimEnd(), base)).toThrow('one that ends within a line')
  })
})
