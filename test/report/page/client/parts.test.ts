import { describe, expect, it } from 'vitest'
import { brightestPlace, heatPixels } from '../../../../src/report/page/client/images.ts'
import { inOrder } from '../../../../src/report/page/client/sort.ts'

describe('inOrder', () => {
  const row = (...values: string[]) => ({
    cells: values.map((value) => ({ dataset: { value } })) as unknown as HTMLCollectionOf<HTMLTableCellElement>,
  })
  const rows = [row('b', '0.5'), row('a', 'NaN'), row('c', '10'), row('d', '0.5')]
  const names = (column: number, descending: boolean) =>
    inOrder(rows, column, descending).map(({ cells }) => cells[0]?.dataset.value)

  it('sorts numbers by value, both ways, and keeps equal ones as they stand', () => {
    expect(names(1, true)).toEqual(['c', 'b', 'd', 'a'])
    expect(names(1, false)).toEqual(['b', 'd', 'c', 'a'])
  })
  it('sorts names as text', () => {
    expect(names(0, false)).toEqual(['a', 'b', 'c', 'd'])
    expect(names(0, true)).toEqual(['d', 'c', 'b', 'a'])
  })
})

describe('heat maps', () => {
  it('are clear where nothing is and yellow where most is', () => {
    expect([...heatPixels(Uint8Array.of(0, 255))]).toEqual([76, 29, 149, 0, 253, 224, 71, 205])
  })
  it.each([
    [[0, 0, 0, 0, 0, 9, 0, 0, 0], 'right'],
    [[0, 0, 0, 0, 9, 0, 0, 0, 0], 'centre'],
    [[0, 0, 0, 0, 0, 0, 9, 0, 0], 'bottom left'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0], 'nowhere'],
  ])('say in words where they are brightest', (values, words) => {
    expect(brightestPlace(Uint8Array.from(values), { height: 3, width: 3 })).toBe(words)
  })
})
