import { describe, expect, it } from 'vitest'
import { originOfWeights } from '../../src/network/published.ts'

const OWN = { path: 'own.h5', sha256: 'a'.repeat(64) }

describe('originOfWeights', () => {
  it('is nothing from zero', () => {
    expect(originOfWeights({ architecture: 'convnext', variant: 'tiny', mode: 'zero' })).toEqual({})
  })

  it('names the official file, its checksum, and the licence with the place that states it', () => {
    // keras/src/applications/efficientnet_v2.py and convnext.py
    expect(originOfWeights({ architecture: 'efficientnetv2', variant: 's', mode: 'transfer' })).toEqual({
      weights: {
        source:
          'https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/efficientnetv2-s_notop.h5',
        checksum: 'MD5 af0682fb74e8c54910f2d4393339c070',
        licence: 'Apache-2.0, https://github.com/google/automl',
      },
    })
    expect(originOfWeights({ architecture: 'convnext', variant: 'tiny', mode: 'transfer' }).weights).toMatchObject({
      checksum: 'SHA-256 d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1',
      licence: 'MIT, https://github.com/facebookresearch/ConvNeXt',
    })
  })

  it('names a file of your own, whose licence is yours to know', () => {
    expect(originOfWeights({ architecture: 'resnet', mode: 'transfer', weights: OWN })).toEqual({
      weights: {
        source: 'own.h5',
        checksum: `SHA-256 ${OWN.sha256}`,
        licence: 'not known here: a file of your own',
      },
    })
  })
})
