import type { Examples } from '../batches/batches.ts'
import { type Rng, shuffled } from '../core/random.ts'
import type { TrainParams } from './params.ts'

/**
 * The rows of an epoch (from 0), as many as there are images.
 *
 * shuffled: each image once, in random order, in the variant whose turn it is. Images take turns at different times, so that
 * each epoch is as hard as the next: all variants are in it about equally often, and after as many epochs as there are
 * variants, each image was shown in each.
 *
 * balanced: every k rows hold each of the k classes once, in random order, so that a batch holds each about equally often. A
 * class shows all its images, in random order, before it repeats them in their next variant: in one epoch a small class is
 * shown several times, and of a large one a random part.
 */
export function epochRows(
  examples: Pick<Examples, 'count' | 'variants' | 'labels'>,
  { epoch, sampling, rng }: { epoch: number; sampling: TrainParams['sampling']; rng: Rng },
): number[] {
  const { count, variants } = examples
  const once = () => shuffled([...Array(count).keys()], rng).map((image) => ({ image, time: 0 }))
  const drawn = sampling === 'balanced' ? drawBalanced(examples, rng) : once()
  return drawn.map(({ image, time }) => ((epoch + time + image) % variants) * count + image)
}

/** An image, and how often its class was shown completely before. */
interface Drawn {
  readonly image: number
  readonly time: number
}

function drawBalanced({ count, labels }: Pick<Examples, 'count' | 'labels'>, rng: Rng): Drawn[] {
  const images = [...Array(count).keys()]
  const present = [...new Set(labels.subarray(0, count))].sort((a, b) => a - b)
  const deals = present.map((label) => {
    const ofClass = images.filter((image) => labels[image] === label)
    return dealFrom(ofClass, rng)
  })
  const drawn: Drawn[] = []
  while (drawn.length < count) {
    for (const deal of shuffled(deals, rng).slice(0, count - drawn.length)) drawn.push(deal())
  }
  return drawn
}

/** Deals the images of a class one by one, reshuffled whenever all have been shown. */
function dealFrom(images: readonly number[], rng: Rng): () => Drawn {
  let deck: number[] = []
  let time = -1
  return () => {
    if (deck.length === 0) {
      deck = shuffled(images, rng)
      time++
    }
    return { image: deck.pop() ?? 0, time }
  }
}
