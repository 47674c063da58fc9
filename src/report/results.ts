import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Answer } from '../scores/predictions.ts'
import { writeAnswers } from '../scores/results.ts'

/** The text files of results/ by path, and plots and answers by name. */
export interface Results {
  readonly texts: Readonly<Record<string, string>>
  readonly plots: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<string, readonly Answer[]>>
}

const PREDICTIONS = basename(paths.resultsPredictions)
const FOLDERS = [paths.resultsMetrics, paths.resultsConfusion, paths.resultsPlots].map((path) => basename(path))

/**
 * Writes results/: the texts, the plots, the predicted classes, and a copy of each configuration's metrics and confusion
 * matrix. Probabilities, too many for git, stay in artifacts/evaluate.
 *
 * Nothing is replaced before all of it is made, and files of other origin are kept.
 */
export async function writeResults({ texts, plots, answers }: Results): Promise<void> {
  const made = temporaryName(paths.results)
  try {
    await Promise.all(FOLDERS.map((folder) => mkdir(join(made, folder), { recursive: true })))
    for (const [path, text] of Object.entries(texts)) await writeFile(join(made, basename(path)), text)
    await writeAnswers(join(made, PREDICTIONS), answers)
    for (const [name, svg] of Object.entries(plots)) {
      await writeFile(join(made, basename(paths.resultsPlots), `${name}.svg`), svg)
    }
    for (const name of Object.keys(answers)) {
      await copyFile(paths.metrics(name), join(made, basename(paths.resultsMetrics), `${name}.json`))
      await copyFile(paths.confusion(name), join(made, basename(paths.resultsConfusion), `${name}.csv`))
    }
    await mkdir(paths.results, { recursive: true })
    for (const entry of [...Object.keys(texts).map((path) => basename(path)), PREDICTIONS, ...FOLDERS]) {
      await rm(join(paths.results, entry), { recursive: true, force: true })
      await rename(join(made, entry), join(paths.results, entry))
    }
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
