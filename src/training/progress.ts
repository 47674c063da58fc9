import type { Configuration } from '../config/load.ts'
import { openProgress, type Progress } from '../core/progress.ts'
import type { HistoryRow } from './history.ts'
import type { FitListener } from './job.ts'
import { describeCollapse } from './prior.ts'

/** A listener that knows in the end how long training waited for its pictures. */
export interface Report extends FitListener {
  stop(): void
  readonly inputStallSeconds: number
}

/**
 * Tells a person how training goes, on stderr: a bar within the epoch, and a line when one is over.
 *
 * @param phase of training, where there are several
 */
export function openReport({ name, train }: Configuration, pictures: number, phase?: string): Report {
  const prefix = phase === undefined ? `train@${name}: ` : `train@${name}: ${phase}, `
  let progress: Progress | undefined
  let start = performance.now()
  let waitedMs = 0
  return {
    onStep: (epoch, shown, loss) => {
      progress ??= openProgress(`${prefix}epoch ${epoch}/${train.epochs}`, pictures)
      const rate = shown / ((performance.now() - start) / 1000)
      progress.update(shown, `loss ${Number.isNaN(loss) ? '…' : loss.toFixed(3)}, ${rate.toFixed(0)} pictures/s`)
    },
    onEpoch: (row) => {
      progress?.stop()
      progress = undefined
      const seconds = (performance.now() - start) / 1000
      start = performance.now()
      console.error(`${prefix}${describe(row, train.epochs)} (${seconds.toFixed(1)} s)`)
    },
    onCollapse: (row, prior) => console.error(`train@${name}: ${describeCollapse(name, row, prior)}`),
    onWait: (milliseconds) => {
      waitedMs += milliseconds
    },
    stop: () => progress?.stop(),
    get inputStallSeconds() {
      return waitedMs / 1000
    },
  }
}

function describe(row: HistoryRow, epochs: number): string {
  const shown = (value: number) => value.toFixed(3)
  return `epoch ${row.epoch}/${epochs}: loss ${shown(row.loss)}, accuracy ${shown(row.accuracy)}; validation loss ${shown(row.validation_loss)}, accuracy ${shown(row.validation_accuracy)}, F1 ${shown(row.validation_macro_f1)}`
}
