import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { paths } from '../core/paths.ts'
import { type ConfusionMatrix, readConfusion } from '../evaluation/confusion.ts'
import type { EvaluatedPart } from '../evaluation/predictions.ts'
import { type HistoryRow, readHistory } from '../training/history.ts'
import { readScored, type Scored } from './scored.ts'

/** All that evaluate wrote about a configuration. */
export interface Evaluated extends Scored {
  readonly confusion: Readonly<Record<EvaluatedPart, ConfusionMatrix>>
  readonly history: readonly HistoryRow[]
}

/** Reads the evaluation of each configuration, by its name. @throws DataError when one is missing. */
export async function readEvaluations(names: readonly string[]): Promise<Record<string, Evaluated>> {
  const scored = await readScored(names, paths)
  const entries = Object.entries(scored).map(async ([name, ofConfiguration]) => {
    const confusion = await readConfusion(paths.confusion(name))
    return [name, { ...ofConfiguration, confusion, history: await readHistory(paths.evaluatedHistory(name)) }] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/**
 * Removes the evaluations of configurations that are no more; files stay, DVC has its own there.
 *
 * report depends on the whole folder, and a fresh clone would not have them.
 */
export async function removeForeignEvaluations(folder: string, names: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const foreign = entries.filter((entry) => entry.isDirectory() && !names.includes(entry.name))
  await Promise.all(foreign.map(({ name }) => rm(join(folder, name), { recursive: true })))
}
