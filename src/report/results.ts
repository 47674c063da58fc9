import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { ScoredPaths } from './scored.ts'

/** Text that report made: the page and a plot of each configuration, by its name. */
export interface Results {
  readonly readme: string
  readonly plots: Readonly<Record<string, string>>
}

/** Where report puts the files of a configuration. */
export const resultsPaths: ScoredPaths = {
  metrics: (config) => join(paths.resultsMetrics, `${config}.json`),
  predictions: (config) => join(paths.resultsPredictions, `${config}.csv`),
}

const README = 'README.md'
const FOLDERS = ['metrics', 'predictions', 'plots'] as const

/**
 * Writes the page, the plots and a copy of each configuration's metrics and predictions into results/.
 *
 * Nothing there is touched before all of it is made; what is not report's stays.
 */
export async function writeResults({ readme, plots }: Results): Promise<void> {
  const made = temporaryName(paths.results)
  try {
    await Promise.all(FOLDERS.map((folder) => mkdir(join(made, folder), { recursive: true })))
    await writeFile(join(made, README), readme)
    for (const [name, svg] of Object.entries(plots)) {
      await writeFile(join(made, 'plots', `${name}.svg`), svg)
      await copyFile(paths.metrics(name), join(made, 'metrics', `${name}.json`))
      await copyFile(paths.predictions(name), join(made, 'predictions', `${name}.csv`))
    }
    await mkdir(paths.results, { recursive: true })
    for (const entry of [README, ...FOLDERS]) {
      await rm(join(paths.results, entry), { recursive: true, force: true })
      await rename(join(made, entry), join(paths.results, entry))
    }
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
