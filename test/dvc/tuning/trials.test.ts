import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withAbsoluteFolders } from '../../../src/dvc/tuning/trials.ts'

describe('withAbsoluteFolders', () => {
  it('makes relative folders absolute and leaves other variables alone', () => {
    const environment = { PADDOCK_MIRROR: '../weights', PADDOCK_CACHE: '/cache', PADDOCK_FEATURES: '', HOME: 'h' }
    expect(withAbsoluteFolders(environment)).toEqual({ ...environment, PADDOCK_MIRROR: resolve('../weights') })
  })
})
