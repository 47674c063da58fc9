import { describe, expect, it } from 'vitest'
import { readFreshness } from '../../src/dvc/freshness.ts'

describe('the committed dvc.lock', () => {
  it('belongs to the committed code, parameters, pin and results', () => {
    const { stages, leftovers } = readFreshness()
    expect(stages.length).toBeGreaterThan(6)
    expect(stages.filter(({ changes }) => changes.length > 0)).toEqual([])
    expect(leftovers).toEqual([])
  })
})
