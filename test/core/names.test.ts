import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compareNames, mapByName, nearestName, recordByName } from '../../src/core/names.ts'

/** Names that every object has. */
const OWN = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']

describe('compareNames', () => {
  it('sorts runs of digits by value and all else by code unit, from any order', () => {
    const sorted = [
      ...['', '-1', '0', '1a', '02', '2', '10', '18446744073709551615', '18446744073709551616'],
      ...['Zebra', 'a', 'a-b', 'a1', 'a1b2', 'a1b10', 'a2', 'a10', 'ab', 'b\u0000', 'é', '犬', '\uD83D\uDC08'],
    ]
    const rotations = sorted.map((_, by) => [...sorted.slice(by), ...sorted.slice(0, by)])
    for (const names of [...rotations, sorted.toReversed()]) expect(names.sort(compareNames)).toEqual(sorted)
  })
})

describe('recordByName', () => {
  it('has the given names and no others', () => {
    const record = recordByName(OWN.slice(0, 2).map((name) => [name, 1]))
    expect(OWN.map((name) => record[name])).toEqual([1, 1, undefined, undefined, undefined])
    expect(JSON.stringify(record)).toBe('{"__proto__":1,"constructor":1}')
  })
})

describe('mapByName', () => {
  it('reads an object with any names, in their order', () => {
    const names = [...OWN, '-1', '10', '1a']
    const text = `{${names.map((name, place) => `"${name}":${place}`).join()}}`
    const map = mapByName(z.number()).parse(JSON.parse(text))
    expect([...map.keys()]).toEqual(['-1', '1a', '10', ...OWN])
    expect(map.get('__proto__')).toBe(0)
  })

  it('refuses what is no object, and names the key of a wrong value', () => {
    expect(mapByName(z.number()).safeParse([1]).success).toBe(false)
    const { error } = mapByName(z.number()).safeParse({ cat: 'x' })
    expect(error?.issues[0]?.path).toEqual(['cat'])
  })
})

describe('nearestName', () => {
  it.each([
    ['trian', 'train'], // neighbours swapped: one edit
    ['spilt', 'split'],
    ['evaluat', 'evaluate'],
    ['TRAIN', 'train'],
    ['gate', 'gate'],
    ['tarni', undefined], // two swaps, and a third of five letters is one edit
    ['fetch', undefined],
    ['', undefined],
  ])('of %j is %j', (name, nearest) => {
    expect(nearestName(name, ['split', 'train', 'gate', 'evaluate'])).toBe(nearest)
  })
})
