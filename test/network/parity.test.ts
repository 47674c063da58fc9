import { describe, expect, it } from 'vitest'
import { variants } from '../../src/models/efficientnet.ts'
import { publishedWeights } from '../../src/network/published.ts'
import { parity } from '../support/parity.ts'
import { describeParity } from '../support/parity-tests.ts'

// The others, whose files are larger or whose code is shared, are in parity.long.test.ts.
describeParity('resnet50')
describeParity('efficientnetb0')

describe('variants of EfficientNet', () => {
  it('have the MD5 of the official file that Keras has', () => {
    const expected = Object.entries(parity.addresses).map(([name, { md5 }]) => [name, md5])
    expect(
      Object.keys(variants).map((name) => {
        const variant = name as keyof typeof variants
        return [`efficientnet${name}`, publishedWeights({ architecture: 'efficientnet', mode: 'zero', variant })?.md5]
      }),
    ).toEqual(expected)
  })
})
