import { build as buildConvNeXt } from '../../src/models/convnext.ts'
import { build as buildEfficientNet, variants as efficientnets } from '../../src/models/efficientnet.ts'
import { build as buildEfficientNetV2, variants as efficientnetv2s } from '../../src/models/efficientnetv2.ts'
import { build as buildMobileNet } from '../../src/models/mobilenet.ts'
import { build as buildResNet } from '../../src/models/resnet.ts'
import type { BuildOptions, Network } from '../../src/network/network.ts'
import { publishedWeights } from '../../src/network/published.ts'

/** Official weights with their top: address and checksum, and the network they belong to. */
export interface Published {
  readonly name: string
  readonly source: { readonly url: string; readonly md5: string } | { readonly url: string; readonly sha256: string }
  readonly side: number
  /** The layer of the file with the 1,000 classes. */
  readonly head: string
  readonly build: (options: BuildOptions) => Network
}

/** MD5 of the files with tops. Source: keras/src/applications/efficientnet.py, WEIGHTS_HASHES. */
const EFFICIENTNETS = {
  b0: '902e53a9f72be733fc0bcb005b3ebbac',
  b1: '1d254153d4ab51201f1646940f018540',
  b2: 'b15cce36ff4dcbd00b6dd88e7857a6ad',
  b3: 'ffd1fdc53d0ce67064dc6a9c7960ede0',
  b4: '18c95ad55216b8f92d7e70b3a046e2fc',
  b5: 'ace28f2a6363774853a83a0b21b9421a',
  b6: '165f6e37dce68623721b423839de8be5',
  b7: '8c03f828fec3ef71311cd463b6759d99',
} as const satisfies Record<keyof typeof efficientnets, string>

/** Source: keras/src/applications/efficientnet_v2.py, WEIGHTS_HASHES. */
const EFFICIENTNETV2S = {
  b0: '21ecbf6da12460d5c40bb2f29ceb2188',
  s: 'e1d88a8495beba45748fedd0cecbe016',
} as const satisfies Record<keyof typeof efficientnetv2s, string>

const MOBILENETS = [0.25, 0.75] as const

const KERAS = 'https://storage.googleapis.com'

export const published: readonly Published[] = [
  {
    name: 'resnet50',
    source: {
      url: `${KERAS}/tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5`,
      md5: '2cb95161c43110f7111970584f804107',
    },
    side: 224,
    head: 'predictions',
    build: (options) => buildResNet({ architecture: 'resnet', mode: 'zero' }, options),
  },
  ...(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7'] as const).map((variant) => ({
    name: `efficientnet${variant}`,
    source: { url: `${KERAS}/keras-applications/efficientnet${variant}.h5`, md5: EFFICIENTNETS[variant] },
    side: efficientnets[variant].imageSize,
    head: 'predictions',
    build: (options: BuildOptions) =>
      buildEfficientNet({ architecture: 'efficientnet', mode: 'zero', variant }, options),
  })),
  ...(['b0', 's'] as const).map((variant) => ({
    name: `efficientnetv2-${variant}`,
    source: {
      url: `${KERAS}/tensorflow/keras-applications/efficientnet_v2/efficientnetv2-${variant}.h5`,
      md5: EFFICIENTNETV2S[variant],
    },
    side: efficientnetv2s[variant].imageSize,
    head: 'predictions',
    build: (options: BuildOptions) =>
      buildEfficientNetV2({ architecture: 'efficientnetv2', mode: 'zero', variant }, options),
  })),
  {
    name: 'convnext_tiny',
    source: {
      url: `${KERAS}/tensorflow/keras-applications/convnext/convnext_tiny.h5`,
      sha256: '8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff', // as above, in convnext.py
    },
    side: 224,
    head: 'convnext_tiny_head_dense',
    build: (options) => buildConvNeXt({ architecture: 'convnext', mode: 'zero', variant: 'tiny' }, options),
  },
  ...MOBILENETS.map((width) => {
    const entry = { architecture: 'mobilenet', mode: 'zero', width } as const
    const { url = '', sha256 = null } = publishedWeights(entry) ?? {}
    return {
      name: `mobilenet ${width}`,
      source: { url, sha256: sha256 ?? '' },
      side: 224,
      head: 'conv_preds',
      build: (options: BuildOptions) => buildMobileNet(entry, options),
    }
  }),
]
