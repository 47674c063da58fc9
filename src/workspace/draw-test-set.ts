import { classesOf } from '../core/csv.ts'
import { sha256 } from '../core/files.ts'
import { percent, pluralize } from '../scores/format.ts'
import type { Group } from '../split/groups.ts'
import { MIN_CONTENTS } from '../split/split.ts'
import { describeCounts, type FolderImage } from './image-folder.ts'

/** All images of one photograph. */
type Content = readonly FolderImage[]

export interface DrawOptions {
  readonly minImages: number
  readonly seed: number
  /** Ids of images that show the same photograph. */
  readonly groups: readonly Group[]
}

/**
 * Makes some training images the test set: as many of each class as of every other, until there are `minImages`.
 *
 * Images of one photograph stay together. Photographs with the fewest copies are taken first, those by a hash of seed and
 * content. A class keeps what split needs, so that small classes may give fewer.
 *
 * @returns all images, in their order
 */
export function drawTestSet(images: readonly FolderImage[], { minImages, seed, groups }: DrawOptions): FolderImage[] {
  const contents = contentsOf(images, groups, seed)
  const queues = classesOf(images).map((label) =>
    contents.filter((content) => content.every((image) => image.label === label)),
  )
  const drawn = new Set<FolderImage>()
  while (drawn.size < minImages) {
    const round = queues.flatMap((waiting) => (waiting.length > MIN_CONTENTS ? (waiting.shift() ?? []) : []))
    if (round.length === 0) break
    for (const image of round) drawn.add(image)
  }
  return images.map((image) =>
    drawn.has(image) ? { ...image, set: 'test', id: image.id.replace(/^train/, 'test') } : image,
  )
}

/** Photographs, those with the fewest copies first. */
function contentsOf(images: readonly FolderImage[], groups: readonly Group[], seed: number): Content[] {
  const firstOf = new Map(groups.flatMap((group) => group.map((id) => [id, group[0]] as const)))
  const contents = [...Map.groupBy(images, ({ id }) => firstOf.get(id) ?? id).values()]
  const rank = (content: Content) => sha256(`${seed} test ${content.map((image) => image.sha256).sort()[0]}`)
  return contents
    .map((content) => ({ content, rank: rank(content) }))
    .sort((a, b) => a.content.length - b.content.length || (a.rank < b.rank ? -1 : 1))
    .map(({ content }) => content)
}

/** What a drawn test set is, and how little it proves. */
export function describeDrawnTestSet(test: readonly FolderImage[]): string[] {
  if (test.length === 0) return ['no test images: there are too few images to take some for the test']
  const least = 0.05 ** (1 / test.length) // Clopper and Pearson, one-sided
  return [
    `test images, taken from the data and frozen: ${describeCounts(test)}`,
    `${pluralize(test.length, 'test image proves', 'test images prove')} little: a model that gets them all right may still be right on only ${percent(least)} of new images (95 % confidence); bring more with --test DIR`,
  ]
}
