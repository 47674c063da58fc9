import { afterEach, describe, expect, it } from 'vitest'
import { describeBar, duration, terminalWidth } from '../../src/core/progress.ts'

const given = { label: 'train@net: epoch 2/3, step', done: 8, total: 32, note: '', columns: 120 }

describe('terminalWidth', () => {
  const before = process.stderr.columns
  afterEach(() => {
    process.stderr.columns = before
  })

  it.each([
    ['80 of a terminal', 80, 80],
    ['none of a file', undefined, undefined],
    ['none of a terminal that says 0, as in a workflow', 0, undefined],
  ])('gives %s', (_name, columns, width) => {
    Object.assign(process.stderr, { columns })
    expect(terminalWidth()).toBe(width)
  })
})

describe('describeBar', () => {
  it('draws what is done as a share of the bar', () => {
    // 8 of 32 are a quarter of the 30 signs of a bar that has room: 7.5, rounded to 8.
    expect(describeBar(given)).toBe(`train@net: epoch 2/3, step ${'█'.repeat(8)}${'░'.repeat(22)} 8/32`)
    expect(describeBar({ ...given, done: 40 })).toContain(`${'█'.repeat(30)} 40/32`)
    expect(describeBar({ ...given, done: 0, total: 0 })).toContain(`${'░'.repeat(30)} 0/0`)
  })

  it('shortens the bar before it leaves out words', () => {
    const note = 'loss 0.412, validation accuracy 0.953, 231 images/s, at most 9 s left'
    const line = describeBar({ ...given, note })
    expect(line).toContain(note)
    expect(line.length).toBeLessThan(120)
    expect(line).toMatch(/ [█░]{8,} 8\/32, /)
  })

  it('leaves out speed, then accuracy, then loss, and how long it takes last of all', () => {
    const note = 'loss 0.412, validation accuracy 0.953, 231 images/s, at most 9 s left'
    const words = (columns: number) => describeBar({ ...given, note, columns }).split('8/32, ')[1]
    expect(words(105)).toBe('loss 0.412, validation accuracy 0.953, at most 9 s left')
    expect(words(75)).toBe('loss 0.412, at most 9 s left')
    expect(words(61)).toBe('at most 9 s left')
    for (const columns of [20, 40, 60, 80, 100]) {
      expect(describeBar({ ...given, note, columns }).length).toBeLessThan(columns)
    }
  })
})

describe('duration', () => {
  it('is in seconds, minutes, or hours and minutes', () => {
    expect([duration(0.2), duration(119), duration(150), duration(7000), duration(12_000)]).toEqual([
      ...['1 s', '119 s', '3 min', '117 min', '3 h 20 min'],
    ])
  })
})
