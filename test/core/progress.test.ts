import { afterEach, describe, expect, it } from 'vitest'
import { duration, isTerminal } from '../../src/core/progress.ts'

describe('isTerminal', () => {
  const before = process.stderr.columns
  afterEach(() => {
    process.stderr.columns = before
  })

  it.each([
    ['true for a terminal', 80, true],
    ['false for a file', undefined, false],
    ['false for a terminal without a width, as in a workflow', 0, false],
  ])('is %s', (_name, columns, expected) => {
    Object.assign(process.stderr, { columns })
    expect(isTerminal()).toBe(expected)
  })
})

describe('duration', () => {
  it('is in seconds, minutes, or hours and minutes', () => {
    expect([duration(0.2), duration(119), duration(150), duration(7000), duration(12_000)]).toEqual([
      ...['1 s', '119 s', '3 min', '117 min', '3 h 20 min'],
    ])
  })
})
