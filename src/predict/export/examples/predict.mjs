// Classify images: npm install onnxruntime-node sharp, then node predict.mjs photo.jpg …
import { readFile } from 'node:fs/promises'
import ort from 'onnxruntime-node'
import sharp from 'sharp'
import { openAnswers } from './answer.mjs'

const read = (name) => readFile(new URL(`../${name}`, import.meta.url))
const config = JSON.parse(await read('config.json'))
const size = config.image_size
const fit = JSON.parse(await read('preprocessor_config.json')).do_center_crop ? 'cover' : 'fill'
const answer = openAnswers(config, JSON.parse(await read('novelty.json')), await read('references.bin'))
const session = await ort.InferenceSession.create(await read('onnx/model.onnx'))

for (const path of process.argv.slice(2)) {
  const resized = sharp(path).rotate().flatten({ background: 'white' }).toColourspace('srgb').removeAlpha()
  const pixels = await resized.resize(size, size, { fit, kernel: 'linear' }).raw().toBuffer()
  const planes = Float32Array.from(
    { length: 3 * size * size },
    (_, i) => pixels[(i % (size * size)) * 3 + Math.floor(i / (size * size))],
  )
  const input = new ort.Tensor('float32', planes, [1, 3, size, size])
  const { probabilities, features } = await session.run({ pixel_values: input })
  console.log(`${path}: ${answer(probabilities.data, features.data)}`)
}
