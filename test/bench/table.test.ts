import { describe, expect, it } from 'vitest'
import { formatTables, withTables } from '../../bench/table.ts'

const MACHINE = { processor: 'Some processor', cores: 4, threads: 2 }

const turn = (side: string, pair: number, seconds: number) => ({
  work: 'original',
  side,
  pair,
  seconds,
  peakBytes: pair * 2 ** 20,
  operations: 5e9,
})

describe('formatTables', () => {
  // 5 steps a turn: ours 0.2 and 0.4 s a step, the peer's 0.3 and 0.2; ratios 1.5 and 0.5
  const turns = [turn('paddock', 1, 1), turn('Keras fit', 1, 1.5), turn('paddock', 2, 2), turn('Keras fit', 2, 1)]
  const text = formatTables(turns, MACHINE)

  it('gives times of a unit, the median ratio with its interval, the verdict and the greatest memory', () => {
    const row = text.split('\n').find((line) => line.includes('Keras fit'))
    const cells = row?.split('|').map((cell) => cell.trim())
    expect(cells?.slice(2, -1)).toEqual([
      'Keras fit',
      '300 ms a step',
      '250 ms a step',
      '**1.00** (0.50-1.50, 50.0 %)',
      '1.1: not reached', // though the interval includes it
      '2 MiB / 2 MiB',
    ])
  })

  it('leaves out works that were not run', () => {
    expect(text).not.toContain('ResNet50')
  })
})

describe('withTables', () => {
  const text = 'above\n<!-- figures: written by npm run bench -->\nold\n<!-- end of figures -->\nbelow\n'

  it('changes what stands between the markers and nothing else', () => {
    const changed = withTables(text, 'new')
    expect(changed).toMatch(/^above\n<!-- figures.*-->\n\nnew\n\n<!-- end of figures -->\nbelow\n$/)
  })

  it('gives the same when it is done again', () => {
    expect(withTables(withTables(text, 'new'), 'new')).toBe(withTables(text, 'new'))
  })

  it('refuses a text without the markers', () => {
    expect(() => withTables('nothing', 'new')).toThrow('needs the lines')
  })
})
