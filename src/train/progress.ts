import { paths } from '../core/paths.ts'
import { duration, openProgress, type Progress } from '../core/progress.ts'
import type { HistoryRow } from '../scores/history.ts'
import { describeCollapse, describeOneAnswer } from './collapse.ts'
import { openCurves } from './dvclive.ts'
import type { TrainingCallbacks } from './epoch.ts'
import type { TrainingJob } from './session.ts'

/** Shows how a training goes: on stderr, and as curves. */
export interface TrainingReport {
  /** The callbacks of a phase. */
  callbacks(job: Pick<TrainingJob, 'phase' | 'params' | 'training'>): Required<TrainingCallbacks>
  /** How long steps waited for their batches, in all phases. */
  inputStallSeconds(): number
  /** Removes the bar and waits for the last curves. */
  close(): Promise<void>
}

/** A log gets a line an epoch; during a long epoch, a line this often says that it is running. */
const LINE_EVERY_MS = 60_000

/**
 * Reports on stderr: on a terminal a bar within the epoch, and a line after each epoch.
 *
 * @param config the configuration
 * @param namesPhases whether a line says which phase it is of
 */
export function openReport(config: string, namesPhases: boolean): TrainingReport {
  const warn = (message: string) => console.error(`train@${config}: ${message}`)
  const curves = openCurves(paths.dvclive(config), warn)
  let progress: Progress | undefined
  let waitedMs = 0
  return {
    callbacks: ({ phase, params: { epochs, batchSize }, training }) => {
      const prefix = namesPhases ? `train@${config}: ${phase}, ` : `train@${config}: `
      const steps = Math.ceil(training.count / batchSize)
      const meter = openPace({ epochs, steps }, () => performance.now())
      let pace: Pace | undefined
      let validated: HistoryRow | undefined
      let start = performance.now()
      let hasOneAnswer = false
      return {
        onStep: (epoch, images, loss) => {
          progress ??= openProgress(`${prefix}epoch ${epoch}/${epochs}, step`, steps, { lineEveryMs: LINE_EVERY_MS })
          const step = Math.ceil(images / batchSize)
          pace = meter.reached({ epoch, step, images })
          progress.update(step, describeStep({ loss, validated, pace }), describeLeft(pace))
        },
        onEpoch: (row) => {
          progress?.stop()
          progress = undefined
          const seconds = (performance.now() - start) / 1000
          start = performance.now()
          meter.endEpoch()
          const pacing = describePace({ seconds, pace, isLast: row.epoch >= epochs })
          console.error(`${prefix}${describeEpoch(row, epochs, pacing)}`)
        },
        onHistory: (history) => {
          validated = history.at(-1)
          curves.draw(history)
        },
        onCollapse: (row, prior) => warn(describeCollapse(config, row, prior)),
        onOneAnswer: (row, answer) => {
          if (!hasOneAnswer) warn(describeOneAnswer(row, answer))
          hasOneAnswer = true
        },
        onWait: (milliseconds) => {
          waitedMs += milliseconds
        },
      }
    },
    inputStallSeconds: () => waitedMs / 1000,
    close: () => {
      progress?.stop()
      return curves.close()
    },
  }
}

/** One epoch in a line: `epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167 (2.2 s)`. */
export function describeEpoch(row: HistoryRow, epochs: number, pacing: readonly string[]): string {
  const training = `loss ${shown(row.loss)}, accuracy ${shown(row.accuracy)}`
  const accuracy = shown(row.validation_accuracy)
  const validation = `validation loss ${shown(row.validation_loss)}, accuracy ${accuracy}, F1 ${shown(row.validation_macro_f1)}`
  return `epoch ${row.epoch}/${epochs}: ${training}; ${validation}${pacing.length > 0 ? ` (${pacing.join(', ')})` : ''}`
}

/**
 * `loss 0.412, validation accuracy 0.953, 231 images/s`, without numbers that are not known yet.
 *
 * @param loss NaN before it was read
 * @param validated the last epoch that was validated
 */
export function describeStep(step: { loss: number; validated: HistoryRow | undefined; pace: Pace }): string {
  const { loss, validated, pace } = step
  const accuracy = validated && `validation accuracy ${shown(validated.validation_accuracy)}`
  const mean = Number.isFinite(loss) ? `loss ${shown(loss)}` : undefined
  return [mean, accuracy, describeRate(pace)].filter((part) => part !== undefined).join(', ')
}

/** `at most 12 min left`, since a rule may end it sooner; empty while unknown. */
function describeLeft({ secondsLeft }: Pace): string {
  return Number.isFinite(secondsLeft) ? `at most ${duration(secondsLeft)} left` : ''
}

function describeRate({ imagesPerSecond }: Pace): string | undefined {
  return Number.isFinite(imagesPerSecond) ? `${imagesPerSecond.toFixed(0)} images/s` : undefined
}

/** The speed of a shorter epoch is not shown: it is mostly noise. */
const MIN_SECONDS = 0.5
/** A shorter rest is not shown. */
const MIN_SECONDS_LEFT = 2

/** How long an epoch took, how fast it went and how long the others will take, each where it is worth showing. */
export function describePace(epoch: { seconds: number; pace: Pace | undefined; isLast: boolean }): string[] {
  const { seconds, pace, isLast } = epoch
  const took = seconds >= MIN_SECONDS ? `${seconds.toFixed(1)} s` : undefined
  const rate = took !== undefined && pace ? describeRate(pace) : undefined
  const left = !isLast && pace && pace.secondsLeft >= MIN_SECONDS_LEFT ? describeLeft(pace) : undefined
  return [took, rate, left].filter((part) => part !== undefined)
}

/** The speed of a training, and the longest it may still take. */
export interface Pace {
  /** In this epoch, as far as this process trained it. */
  readonly imagesPerSecond: number
  /** Until all epochs are over, validation included; NaN before the second step. A stopping rule may end it sooner. */
  readonly secondsLeft: number
}

/** Measures the pace of a phase. */
export interface PaceMeter {
  /** After a step: its epoch, its number in that epoch, both from 1, and the images that the epoch has shown. */
  reached(step: { readonly epoch: number; readonly step: number; readonly images: number }): Pace
  /** After validation, when the epoch is over. */
  endEpoch(): void
}

/**
 * Measures from the first step of this process on, which may be in the middle of a training.
 *
 * @param clock in milliseconds
 */
export function openPace({ epochs, steps }: { epochs: number; steps: number }, clock: () => number): PaceMeter {
  let first: { readonly atMs: number; readonly step: number } | undefined
  let epochStart: { readonly atMs: number; readonly images: number } | undefined
  return {
    reached: ({ epoch, step, images }) => {
      const now = clock()
      const taken = (epoch - 1) * steps + step
      // The first step compiles, so speed is measured from its end.
      first ??= { atMs: now, step: taken }
      epochStart ??= { atMs: now, images }
      return {
        imagesPerSecond: ((images - epochStart.images) / (now - epochStart.atMs)) * 1000,
        secondsLeft: ((now - first.atMs) / (taken - first.step) / 1000) * (epochs * steps - taken),
      }
    },
    endEpoch: () => {
      epochStart = { atMs: clock(), images: 0 }
    },
  }
}

function shown(value: number): string {
  return value.toFixed(3)
}
