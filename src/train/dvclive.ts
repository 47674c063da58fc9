import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import type { HistoryRow } from '../scores/history.ts'

/** The columns of the history that are curves, by DVCLive's names: a folder for each part. */
const CURVES = {
  'train/loss': 'loss',
  'train/accuracy': 'accuracy',
  'validation/loss': 'validation_loss',
  'validation/accuracy': 'validation_accuracy',
  'validation/macro_f1': 'validation_macro_f1',
  learning_rate: 'learning_rate',
} as const satisfies Record<string, keyof HistoryRow>

/** An epoch on features takes less than a tenth of a second, and writing seven files as much: no epoch waits for the curves. */
const EVERY_MS = 3000

/** Draws the curves of a running training. */
export interface Curves {
  /** Takes all epochs so far; returns at once, and writes them now or with later ones. */
  draw(history: readonly HistoryRow[]): void
  /** Waits until the last epochs are written. */
  close(): Promise<void>
}

/**
 * Curves as files in DVCLive's layout, which DVC's extension for VS Code and `dvc plots` read.
 *
 * They are rewritten from the history, which a checkpoint holds too, so a resumed training has each epoch once. A failed write
 * warns once, and training continues.
 */
export function openCurves(
  folder: string,
  warn: (message: string) => void,
  clock: () => number = () => performance.now(),
): Curves {
  let latest: readonly HistoryRow[] = []
  let writing: Promise<void> = Promise.resolve()
  let isWritten = true
  let lastMs = Number.NEGATIVE_INFINITY
  let failed = false
  const write = async () => {
    isWritten = true
    await writeCurves(folder, latest).catch((error: unknown) => {
      if (!failed) warn(`the curves in ${folder} could not be written: ${messageOf(error)}. Training continues.`)
      failed = true
    })
  }
  const queue = () => {
    lastMs = clock()
    writing = writing.then(write)
  }
  return {
    draw: (history) => {
      latest = history
      isWritten = false
      if (clock() - lastMs >= EVERY_MS) queue()
    },
    close: () => {
      if (!isWritten) queue()
      return writing
    },
  }
}

/** Source: https://dvc.org/doc/dvclive/how-it-works (metrics.json, plots/metrics/<name>.tsv with a column `step`) */
async function writeCurves(folder: string, history: readonly HistoryRow[]): Promise<void> {
  const last = history.at(-1)
  if (!last) return rm(folder, { recursive: true, force: true })
  const metrics: Record<string, unknown> = {}
  for (const [name, column] of Object.entries(CURVES)) {
    const group = dirname(name)
    if (group === '.') metrics[name] = last[column]
    else metrics[group] = { ...(metrics[group] as object | undefined), [basename(name)]: last[column] }
    const lines = history.map((row) => `${row.epoch}\t${row[column]}`)
    const path = join(folder, 'plots/metrics', `${name}.tsv`)
    await writeFileAtomically(path, [`step\t${basename(name)}`, ...lines, ''].join('\n'))
  }
  await writeFileAtomically(
    join(folder, 'metrics.json'),
    `${JSON.stringify({ ...metrics, step: last.epoch }, null, 2)}\n`,
  )
}
