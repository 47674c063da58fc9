// Classify images: npm install onnxruntime-node sharp, then node predict.mjs photo.jpg …
import { readFile } from 'node:fs/promises'
import ort from 'onnxruntime-node'
import sharp from 'sharp'

const read = (name) => readFile(new URL(`../${name}`, import.meta.url))
const { id2label, image_size: size } = JSON.parse(await read('config.json'))
const fit = JSON.parse(await read('preprocessor_config.json')).do_center_crop ? 'cover' : 'fill'
const session = await ort.InferenceSession.create(await read('onnx/model.onnx'))

for (const path of process.argv.slice(2)) {
  const resized = sharp(path).rotate().flatten({ background: 'white' }).toColourspace('srgb').removeAlpha()
  const pixels = await resized.resize(size, size, { fit, kernel: 'linear' }).raw().toBuffer()
  const planes = Float32Array.from(
    { length: 3 * size * size },
    (_, i) => pixels[(i % (size * size)) * 3 + Math.floor(i / (size * size))],
  )
  const { probabilities } = await session.run({ pixel_values: new ort.Tensor('float32', planes, [1, 3, size, size]) })
  const best = probabilities.data.indexOf(Math.max(...probabilities.data))
  console.log(`${path}: ${id2label[best]} ${probabilities.data[best].toFixed(3)}`)
}
