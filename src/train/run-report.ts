import { paths } from '../core/paths.ts'
import type { HistoryRow } from '../scores/history.ts'
import { openCurves } from './dvclive.ts'
import type { PhaseJob } from './fit-phases.ts'
import type { FitListener } from './job.ts'
import type { Configuration } from './params.ts'
import { openReport } from './progress.ts'
import { historyOfRun } from './run-state.ts'

/** Shows how a run goes, phase by phase: to a person, and as curves. */
export interface RunReport {
  /** Listens to the training of a phase, after the epochs of those before it. */
  duringPhase<T>(
    job: Pick<PhaseJob, 'phase' | 'params' | 'training'>,
    earlier: readonly HistoryRow[],
    work: (listener: FitListener) => Promise<T>,
  ): Promise<T>
  /** For how long steps waited for their batches, in all phases. */
  inputStallSeconds(): number
  /** Waits for the last curves. */
  close(): Promise<void>
}

/** @param namesPhases whether a line says which phase it is of */
export function openRunReport(configuration: Configuration, namesPhases: boolean): RunReport {
  const { name } = configuration
  const curves = openCurves(paths.dvclive(name), (message) => console.error(`train@${name}: ${message}`))
  let stallSeconds = 0
  return {
    duringPhase: async ({ phase, params, training }, earlier, work) => {
      const report = openReport({ ...configuration, train: params }, training.count, namesPhases ? phase : undefined)
      const onHistory = (history: readonly HistoryRow[]) => {
        report.onHistory(history)
        curves.draw(historyOfRun({ earlier, fit: { history } }))
      }
      try {
        return await work({ ...report, onHistory })
      } finally {
        report.stop()
        stallSeconds += report.inputStallSeconds()
      }
    },
    inputStallSeconds: () => stallSeconds,
    close: () => curves.close(),
  }
}
