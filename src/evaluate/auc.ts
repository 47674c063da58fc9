import type { Prediction } from '../scores/predictions.ts'

/**
 * Area under the ROC curve: the probability that a positive image is ranked above a negative one; ties count one half. NaN
 * unless there are images of both kinds.
 *
 * Computed from ranks (Mann-Whitney U); tied probabilities share their mean rank.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
 */
export function rocAuc(images: readonly { readonly probability: number; readonly positive: boolean }[]): number {
  const sorted = [...images].sort((a, b) => a.probability - b.probability)
  const positives = sorted.filter(({ positive }) => positive).length
  let rankSum = 0
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end]?.probability === sorted[start]?.probability) end++
    const meanRank = (start + 1 + end) / 2
    rankSum += meanRank * sorted.slice(start, end).filter(({ positive }) => positive).length
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives))
}

/** The area of each class against all others, by its name; NaN for a class with no images or with all of them. */
export function aucPerClass(predictions: readonly Prediction[], classes: readonly string[]): Map<string, number> {
  const areas = classes.map((name, place) => {
    const images = predictions.map(({ label, probabilities }) => ({
      probability: probabilities[place] ?? Number.NaN,
      positive: label === name,
    }))
    return [name, rocAuc(images)] as const
  })
  return new Map(areas)
}

/** Unweighted mean over the classes with an area; NaN without any. scikit-learn refuses a class without one. */
export function macroAuc(areas: ReadonlyMap<string, number>): number {
  const known = [...areas.values()].filter((area) => !Number.isNaN(area))
  return known.reduce((sum, area) => sum + area, 0) / known.length
}
