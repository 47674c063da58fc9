import { describe, expect, it } from 'vitest'
import { variants } from '../../src/models/efficientnet.ts'
import { parity } from '../support/parity.ts'
import { describeParity } from '../support/parity-tests.ts'

// The others, whose files are larger or whose code is shared, are in parity.long.test.ts.
describeParity('resnet50')
describeParity('efficientnetb0')

describe('variants of EfficientNet', () => {
  it('have the MD5 of the official file that Keras has', () => {
    const expected = Object.entries(parity.addresses).map(([name, { md5 }]) => [name, md5])
    expect(Object.entries(variants).map(([name, { md5 }]) => [`efficientnet${name}`, md5])).toEqual(expected)
  })
})
