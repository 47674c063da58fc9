import { describe, expect, it } from 'vitest'
import { formatTable, withSection } from '../../../bench/parity/table.ts'

describe('formatTable', () => {
  it('says what holds and what is missed', () => {
    const table = formatTable([
      { what: 'features', difference: 3.21e-7, bound: 1e-4, place: 'avg_pool' },
      { what: 'logits', difference: Number.NaN, bound: 1e-4, place: '' },
      { what: 'lines', difference: 0, bound: 0, place: '' },
    ])
    const cells = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    expect(cells[2]?.slice(1, -1)).toEqual(['features', '3.2e-7', 'avg_pool', '1e-4', 'holds'])
    expect(cells[3]?.slice(1, -1)).toEqual(['logits', 'NaN', '', '1e-4', '**missed**'])
    expect(cells[4]?.slice(1, -1)).toEqual(['lines', '0', '', '0', 'holds'])
  })
})

describe('withSection', () => {
  it('puts a new section last and replaces one that is there, and no other', () => {
    const one = withSection('# Title\n', 'a at 8 px', 'one')
    expect(one).toBe('# Title\n\n## a at 8 px\n\none\n')
    const two = withSection(one, 'b at 8 px', 'two')
    expect(two).toBe('# Title\n\n## a at 8 px\n\none\n\n## b at 8 px\n\ntwo\n')
    expect(withSection(two, 'a at 8 px', 'three')).toBe('# Title\n\n## a at 8 px\n\nthree\n\n## b at 8 px\n\ntwo\n')
  })
})
