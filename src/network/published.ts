import type { PretrainedWeights } from './network.ts'
import type { NetworkEntry, WeightsSource } from './params.ts'

type EntryOf<A extends NetworkEntry['architecture']> = Extract<NetworkEntry, { architecture: A }>

const STORAGE = 'https://storage.googleapis.com'
const KERAS = `${STORAGE}/tensorflow/keras-applications`

/** MD5 of the files without tops. Source: WEIGHTS_HASHES in keras/src/applications/efficientnet.py */
const EFFICIENTNET: Readonly<Record<EntryOf<'efficientnet'>['variant'], string>> = {
  b0: '50bc09e76180e00e4465e1a485ddc09d',
  b1: '74c4e6b3e1f6a1eea24c589628592432',
  b2: '111f8e2ac8aa800a7a99e3239f7bfb39',
  b3: 'af6d107764bb5b1abb91932881670226',
  b4: 'ebc24e6d6c33eaebbd558eafbeedf1ba',
  b5: '38879255a25d3c92d5e44e04ae6cec6f',
  b6: '9ecce42647a20130c1f39a5d4cb75743',
  b7: 'cbcfe4450ddf6f3ad90b1b398090fe4a',
}

/** The same of keras/src/applications/efficientnet_v2.py. */
const EFFICIENTNETV2: Readonly<Record<EntryOf<'efficientnetv2'>['variant'], string>> = {
  b0: '893217f2bb855e2983157299931e43ff',
  s: 'af0682fb74e8c54910f2d4393339c070',
}

/** Name in the address, and SHA-256 as in `readWeights`, of each width; null: not known. */
const MOBILENET: Readonly<Record<EntryOf<'mobilenet'>['width'], readonly [name: string, sha256: string | null]>> = {
  0.25: ['0.25', '700ed90acc455fe6479a9eb5ff96b7168ab95350a83d52341f214d6b6ce3fe59'],
  0.5: ['0.50', null],
  0.75: ['0.75', 'e123ff31dc2bf4d1bb7a95bca2196ba8ceb335fef6f0b3ccc87ea5613d434e20'],
  1: ['1.0', null],
}

/**
 * The official weights of a network, trained on ImageNet, without loading TensorFlow; null: none are published.
 *
 * Files of Keras are those without a top. Their licences are those of the networks that Keras took them from.
 * Source: keras/src/applications; https://github.com/fchollet/deep-learning-models#license for ResNet50 (MIT, as released by
 * Kaiming He); the LICENSE of https://github.com/tensorflow/tpu (EfficientNet), https://github.com/google/automl
 * (EfficientNetV2), https://github.com/facebookresearch/ConvNeXt and https://github.com/tensorflow/tfjs-models (MobileNet).
 */
export function publishedWeights(entry: NetworkEntry): PretrainedWeights | null {
  switch (entry.architecture) {
    case 'original':
      return null
    case 'resnet':
      return {
        url: `${KERAS}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5`,
        sha256: null,
        md5: '4d473c1dd8becc155b73f8504c6f6626',
        sizeBytes: 94_765_736,
        head: ['predictions'],
        licence: 'MIT, Kaiming He',
      }
    case 'efficientnet':
      return {
        url: `${STORAGE}/keras-applications/efficientnet${entry.variant}_notop.h5`,
        sha256: null,
        md5: EFFICIENTNET[entry.variant],
        head: ['predictions'],
        licence: 'Apache-2.0, https://github.com/tensorflow/tpu',
      }
    case 'efficientnetv2':
      return {
        url: `${KERAS}/efficientnet_v2/efficientnetv2-${entry.variant}_notop.h5`,
        sha256: null,
        md5: EFFICIENTNETV2[entry.variant],
        head: ['predictions'],
        licence: 'Apache-2.0, https://github.com/google/automl',
      }
    case 'convnext':
      return {
        url: `${KERAS}/convnext/convnext_tiny_notop.h5`,
        sha256: 'd547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1',
        head: ['convnext_tiny_head_dense'],
        licence: 'MIT, https://github.com/facebookresearch/ConvNeXt',
      }
    case 'mobilenet': {
      const [name, sha256] = MOBILENET[entry.width]
      return {
        url: `${STORAGE}/tfjs-models/tfjs/mobilenet_v1_${name}_224/model.json`,
        sha256,
        head: ['conv_preds'],
        licence: 'Apache-2.0, https://github.com/tensorflow/tfjs-models',
      }
    }
  }
}

/** Where the first weights of a training come from, for people. */
export interface WeightsOrigin {
  /** Address or path. */
  readonly source: string
  /** `MD5 4d47…` or `SHA-256 d547…`. */
  readonly checksum: string
  readonly licence: string
}

/** The weights that a training begins with; none when it starts from zero. */
export function originOfWeights(entry: NetworkEntry): { readonly weights?: WeightsOrigin } {
  if (entry.mode === 'zero') return {}
  const { weights } = entry
  if (weights) return { weights: { ...sourceOf(weights), licence: 'not known here: a file of your own' } }
  const official = publishedWeights(entry)
  if (!official) return {}
  const checksum = official.md5 ? `MD5 ${official.md5}` : `SHA-256 ${official.sha256}`
  return { weights: { source: official.url, checksum, licence: official.licence } }
}

function sourceOf({ path, url, sha256 }: WeightsSource) {
  return { source: path ?? url ?? '', checksum: `SHA-256 ${sha256}` }
}
