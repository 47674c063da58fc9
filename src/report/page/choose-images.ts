import type { Part } from '../../core/paths.ts'
import { type CalibratedImage, EVALUATED_PARTS } from '../../scores/predictions.ts'

/** Images in the page at most: about 7 kB each. */
export const MOST_IMAGES = 480
/** Of these at most so many stand there for being near duplicates. */
export const MOST_DUPLICATES = 120

/** An image that is to be seen. */
export interface ChosenImage {
  readonly id: string
  readonly part: Part
  readonly label: string
}

/**
 * The images that the page shows, part by part and by id.
 *
 * Near duplicates first, whole groups of them; then what the chosen configuration gets wrong; then what others do, the more of
 * them the sooner; the rest of the room goes to right answers, evenly over parts and classes.
 */
export function chooseImages(
  predictions: Readonly<Record<string, readonly CalibratedImage[]>>,
  {
    chosen,
    duplicates,
    most = MOST_IMAGES,
  }: { chosen: string | undefined; duplicates: readonly ChosenImage[]; most?: number },
): ChosenImage[] {
  const mistakes = new Map<string, number>()
  for (const [name, images] of Object.entries(predictions)) {
    const weight = name === chosen ? Object.keys(predictions).length : 1
    for (const { id } of images.filter(isWrong)) mistakes.set(id, (mistakes.get(id) ?? 0) + weight)
  }
  const images = Object.values(predictions)[0] ?? []
  const turns = new Map<string, number>()
  const ranked = images.map(({ id, part, label }) => {
    const kind = JSON.stringify([part, label])
    const turn = turns.get(kind) ?? 0
    if (!mistakes.has(id)) turns.set(kind, turn + 1)
    return { image: { id, part, label }, mistakes: mistakes.get(id) ?? 0, turn }
  })
  ranked.sort((a, b) => b.mistakes - a.mistakes || a.turn - b.turn)
  const wanted = new Map<string, ChosenImage>()
  for (const image of [...duplicates, ...ranked.map(({ image }) => image)]) {
    if (wanted.size < most && !wanted.has(image.id)) wanted.set(image.id, image)
  }
  return [...wanted.values()].sort((a, b) => placeOf(a.part) - placeOf(b.part) || (a.id < b.id ? -1 : 1))
}

/** The images of the first groups that have room, whole groups alone. */
export function wholeGroups<T>(groups: readonly (readonly T[])[], most = MOST_DUPLICATES): (readonly T[])[] {
  let room = most
  return groups.filter((group) => {
    if (group.length > room) return false
    room -= group.length
    return true
  })
}

function placeOf(part: Part): number {
  return (EVALUATED_PARTS as readonly Part[]).indexOf(part)
}

function isWrong({ label, prediction }: CalibratedImage): boolean {
  return label !== prediction
}
