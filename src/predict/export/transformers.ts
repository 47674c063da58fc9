import { recordByName } from '../../core/names.ts'
import type { SavedModel } from '../../network/saved.ts'

/** The network that Transformers.js and Hugging Face's transformers read a file of this architecture as. */
const MODEL_TYPES: Readonly<Record<string, string>> = {
  mobilenet: 'mobilenet_v1',
  convnext: 'convnext',
  efficientnet: 'efficientnet',
  efficientnetv2: 'efficientnet',
  resnet: 'resnet',
  original: 'resnet', // they have no such network; any convolutional one has the same inputs and outputs
}

/** config.json: the labels, in the order of the outputs. */
export function modelConfig({ architecture, classes, image }: SavedModel) {
  return {
    model_type: MODEL_TYPES[architecture] ?? 'resnet',
    architectures: ['AutoModelForImageClassification'],
    image_size: image.size,
    num_channels: 3,
    id2label: Object.fromEntries(classes.map((name, place) => [place, name])),
    label2id: recordByName(classes.map((name, place) => [name, place])),
  }
}

/** preprocessor_config.json: only resize and crop, since the scaling of pixel values is in the graph. */
export function preprocessorConfig({ image: { size, fit } }: SavedModel) {
  const square = { height: size, width: size }
  const crops = fit === 'cover'
  return {
    image_processor_type: 'ViTImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    size: crops ? { shortest_edge: size } : square,
    resample: 2, // bilinear
    do_center_crop: crops,
    ...(crops ? { crop_size: square } : {}),
    do_rescale: false,
    do_normalize: false,
  }
}
