import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { markdownTable } from 'markdown-table'
import { DataError, PaddockError } from '../../src/core/errors.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { assignWeights } from '../../src/network/assign.ts'
import { findWeights, readWeights } from '../../src/network/weights.ts'
import { layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { type Published, published } from './published.ts'

/** Indices among ImageNet's 1,000 classes: tabby to Egyptian cat, Chihuahua to Mexican hairless, and sorrel. */
const CLASSES: Readonly<Record<string, readonly [first: number, last: number]>> = {
  cat: [281, 285],
  dog: [151, 268],
  horse: [339, 339],
}

const IMAGENET_CLASSES = 1000
/** The small MobileNet takes the study's horses for oxen; with wrong preprocessing almost nothing is correct. */
const MIN_CORRECT = 0.5
const IMAGE = /^(cat|dog|horse).*\.(jpe?g|png)$/

interface Image {
  readonly path: string
  readonly label: string
}

/**
 * Classifies images with the official weights and tops that the cache or the mirror has, and prints the top five classes.
 *
 * @param folder of images whose names begin with cat, dog or horse, such as the study's nine
 * @throws PaddockError when a network has fewer than half correct: one of the label's classes among the top five
 */
export async function checkOfficial(folder: string): Promise<string> {
  const images = await listImages(folder)
  const results = []
  for (const network of published) {
    const place = await findWeights(network.source)
    if (place) results.push({ network, right: await checkNetwork(network, images) })
    else console.log(`${network.name}: no local copy of its weights (${network.source.url})`)
  }
  const poor = results.filter(({ right }) => !(right >= MIN_CORRECT * images.length))
  if (poor.length > 0) {
    throw new PaddockError(
      `Expected at least ${100 * MIN_CORRECT} % of ${images.length} images correct in the top five, received ${poor.map(({ network, right }) => `${right} of ${network.name}`).join(', ')}. Compare the preprocessing with Keras's.`,
    )
  }
  if (results.length === 0) return 'no official weights found: set PADDOCK_MIRROR to a folder that has them'
  return results
    .map(({ network, right }) => `${network.name} ${right} of ${images.length} correct in the top five`)
    .join(', ')
}

async function listImages(folder: string): Promise<Image[]> {
  const names = (await readdir(folder).catch(() => [])).sort()
  const images = names.flatMap((name) => {
    const label = IMAGE.exec(name)?.[1]
    return label ? [{ path: join(folder, name), label }] : []
  })
  if (images.length > 0) return images
  throw new DataError(
    `Expected images in ${folder} whose names begin with cat, dog or horse, received none. Name a folder that has some.`,
  )
}

/** Prints the top five classes of each image, and counts the correct images. */
async function checkNetwork(network: Published, images: readonly Image[]): Promise<number> {
  const probabilitiesOf = await openPublished(network)
  const rows = []
  for (const { path, label } of images) {
    const pixels = await decodePixels(path, { size: network.side, fit: 'cover' })
    const best = topFive(probabilitiesOf.run(pixels, 1))
    const [first = 0, last = 0] = CLASSES[label] ?? []
    rows.push({ path, best, right: best.some(({ place }) => place >= first && place <= last) })
  }
  probabilitiesOf.dispose()
  const lines = rows.map(({ path, best, right }) => [
    path.slice(path.lastIndexOf('/') + 1),
    best.map(({ place, probability }) => `${place} (${(100 * probability).toFixed(0)} %)`).join(', '),
    right ? 'correct' : 'wrong',
  ])
  console.log(`${network.name}\n${markdownTable([['image', 'top five classes', ''], ...lines])}`)
  return rows.filter(({ right }) => right).length
}

/** The network with its official weights; its head is the official top. */
async function openPublished({ source, side, head, build }: Published) {
  const network = build({ imageSize: side, classCount: IMAGENET_CLASSES, seed: 1, dropout: 0 })
  const weights = await readWeights(source)
  assignWeights(network, weights)
  const top = ['kernel', 'bias'].map((role) => {
    return [`classification/${role}`, weights.tensors.get(`${head}/${role}`)?.values ?? new Float32Array()] as const
  })
  setWeights(network.model, new Map(top))
  const frozen = { graph: layerGraphOf(network.model), weights: weightsOf(network.model) }
  network.model.dispose()
  return openInference(frozen, { inputShape: [side, side, 3], engine: 'compiled' })
}

function topFive(probabilities: Float32Array): { place: number; probability: number }[] {
  return [...probabilities]
    .map((probability, place) => ({ place, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 5)
}
