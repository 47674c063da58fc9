import type { CalibratedImage } from '../../evaluation/predictions.ts'

/** Above this calibrated probability a wrong answer is a reason to look at the label. */
export const SURE = 0.99

type Predictions = Readonly<Record<string, readonly CalibratedImage[]>>

/** Candidates for relabelling, by their ids; nothing is ever dropped for standing here. */
export interface LabelTrouble {
  /** Wrong for the chosen configuration with a calibrated probability over 0.99, the surest first. */
  readonly sureButWrong: readonly string[]
  /** Wrong for every one of several configurations, in the order of the predictions. */
  readonly wrongForAll: readonly string[]
}

/** The pictures whose labels a person may want to look at. */
export function labelTrouble(predictions: Predictions, chosen: string | undefined): LabelTrouble {
  const ofChosen = (predictions[chosen ?? ''] ?? []).filter(isWrong)
  const sure = ofChosen.filter((image) => sureness(image) > SURE)
  sure.sort((a, b) => sureness(b) - sureness(a) || (a.id < b.id ? -1 : 1))
  const [first = [], ...others] = Object.values(predictions)
  const wrongs = others.map((images) => new Set(images.filter(isWrong).map(({ id }) => id)))
  const wrongForAll =
    others.length === 0 ? [] : first.filter((each) => isWrong(each) && wrongs.every((ids) => ids.has(each.id)))
  return { sureButWrong: sure.map(({ id }) => id), wrongForAll: wrongForAll.map(({ id }) => id) }
}

export function isWrong({ label, prediction }: CalibratedImage): boolean {
  return label !== prediction
}

function sureness({ calibrated }: CalibratedImage): number {
  return Math.max(...calibrated)
}
