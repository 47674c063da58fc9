import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withWholePaths } from '../../src/dvc/experiments.ts'

describe('withWholePaths', () => {
  it('makes folders whole that another working folder would make others, and leaves the rest', () => {
    expect(
      withWholePaths({ PADDOCK_MIRROR: '../weights', PADDOCK_CACHE: '/cache', PADDOCK_FEATURES: '', HOME: 'h' }),
    ).toEqual({
      PADDOCK_MIRROR: resolve('../weights'),
      PADDOCK_CACHE: '/cache',
      PADDOCK_FEATURES: '',
      HOME: 'h',
    })
  })
})
