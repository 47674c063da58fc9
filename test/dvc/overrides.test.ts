import { describe, expect, it } from 'vitest'
import { overridesOf } from '../../src/dvc/overrides.ts'

const overrides = (value: Readonly<Record<string, unknown>>, old: Readonly<Record<string, unknown>> = {}) =>
  overridesOf(['models', 'net-1'], { keys: Object.keys(value), value, old })

describe('overridesOf', () => {
  it('sets plain values, whether they are there or not', () => {
    expect(
      overrides({ learningRate: 1e-7, clipNorm: null, nesterov: true, optimizer: 'sgd' }, { nesterov: false }),
    ).toEqual([
      '++models.net-1.learningRate=1e-7',
      '++models.net-1.clipNorm=null',
      '++models.net-1.nesterov=true',
      "++models.net-1.optimizer='sgd'",
    ])
  })

  it('takes a section that is there away before it sets another, which DVC would merge with it', () => {
    const schedule = { kind: 'constant' }
    expect(overrides({ schedule })).toEqual(["+models.net-1.schedule={kind:'constant'}"])
    expect(overrides({ schedule }, { schedule: { kind: 'cosine' } })).toEqual([
      '~models.net-1.schedule',
      "+models.net-1.schedule={kind:'constant'}",
    ])
  })

  it('quotes what would otherwise end a value', () => {
    expect(overrides({ weights: { path: "a b/c'd,e}\\" } })).toEqual([
      "+models.net-1.weights={path:'a b/c\\'d,e}\\\\'}",
    ])
  })

  it('refuses a name that DVC cannot set anything below', () => {
    expect(() => overridesOf(['models', '3d'], { keys: ['a'], value: { a: 1 }, old: {} })).toThrow(
      'Expected a name that begins with a letter, received 3d.',
    )
  })
})
