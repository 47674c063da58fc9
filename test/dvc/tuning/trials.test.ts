import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reasonOf, withAbsoluteFolders } from '../../../src/dvc/tuning/trials.ts'

describe('withAbsoluteFolders', () => {
  it('makes relative folders absolute and leaves other variables alone', () => {
    const environment = { PADDOCK_MIRROR: '../weights', PADDOCK_CACHE: '/cache', PADDOCK_FEATURES: '', HOME: 'h' }
    expect(withAbsoluteFolders(environment)).toEqual({ ...environment, PADDOCK_MIRROR: resolve('../weights') })
  })
})

describe('reasonOf', () => {
  it("is the stage's last error, else DVC's, else the last line", () => {
    const lines = ['train@a-b: epoch 1/2', 'train@a-b: TrainingError: Expected more.', 'ERROR: failed to reproduce', '']
    expect(reasonOf(lines)).toBe('TrainingError: Expected more.')
    expect(reasonOf(['ERROR: no space', 'bye'])).toBe('no space')
    expect(reasonOf(['bye'])).toBe('bye')
    expect(reasonOf([])).toBe('no message')
  })
})
