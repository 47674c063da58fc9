import { describe, expect, it } from 'vitest'
import { classesOf, sortedById } from '../../src/core/rows.ts'

describe('sortedById', () => {
  it('sorts by code unit, capitals before small letters and digits before both', () => {
    const ids = ['b', 'a10', 'B', 'a9', 'é', '1']
    expect(sortedById(ids.map((id) => ({ id }))).map(({ id }) => id)).toEqual(['1', 'B', 'a10', 'a9', 'b', 'é'])
  })
})

describe('classesOf', () => {
  it('gives each label once, sorted', () => {
    expect(classesOf(['dog', 'cat', 'dog'].map((label) => ({ label })))).toEqual(['cat', 'dog'])
  })
})
