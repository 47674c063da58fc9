import { duration, openProgress, type Progress } from '../core/progress.ts'
import type { HistoryRow } from '../scores/history.ts'
import { describeEpoch } from './epoch-line.ts'
import type { FitListener } from './job.ts'
import { describeOneAnswer } from './one-answer.ts'
import { openPace, type Pace } from './pace.ts'
import type { Configuration } from './params.ts'
import { describeCollapse } from './prior.ts'

/** A listener that knows in the end how long training waited for its images. */
export interface Report extends FitListener {
  onHistory(history: readonly HistoryRow[]): void
  stop(): void
  inputStallSeconds(): number
}

/** A log has a line an epoch; one that takes long says in between that it goes on. */
const LINE_EVERY_MS = 60_000

/**
 * Tells a person how training goes, on stderr: a bar within the epoch on a terminal, and a line when one is over.
 *
 * @param images of an epoch
 * @param phase of training, where there are several
 */
export function openReport({ name, train }: Configuration, images: number, phase?: string): Report {
  const prefix = phase === undefined ? `train@${name}: ` : `train@${name}: ${phase}, `
  const { epochs, batchSize } = train
  const steps = Math.ceil(images / batchSize)
  const meter = openPace({ epochs, steps }, () => performance.now())
  let progress: Progress | undefined
  let pace: Pace | undefined
  let validated: HistoryRow | undefined
  let start = performance.now()
  let waitedMs = 0
  let isOneAnswerTold = false
  return {
    onStep: (epoch, shown, loss) => {
      progress ??= openProgress(`${prefix}epoch ${epoch}/${epochs}, step`, steps, { lineEveryMs: LINE_EVERY_MS })
      const step = Math.ceil(shown / batchSize)
      pace = meter.reached({ epoch, step, images: shown })
      progress.update(step, describeStep({ loss, validated, pace }), describeLeft(pace))
    },
    onEpoch: (row) => {
      progress?.stop()
      progress = undefined
      const seconds = (performance.now() - start) / 1000
      start = performance.now()
      meter.endEpoch()
      const pacing = describePace({ seconds, pace, goesOn: row.epoch < epochs })
      console.error(`${prefix}${describeEpoch(row, epochs, pacing)}`)
    },
    onHistory: (history) => {
      validated = history.at(-1)
    },
    onCollapse: (row, prior) => console.error(`train@${name}: ${describeCollapse(name, row, prior)}`),
    onOneAnswer: (row, answer) => {
      if (!isOneAnswerTold) console.error(`train@${name}: ${describeOneAnswer(row, answer)}`)
      isOneAnswerTold = true
    },
    onWait: (milliseconds) => {
      waitedMs += milliseconds
    },
    stop: () => progress?.stop(),
    inputStallSeconds: () => waitedMs / 1000,
  }
}

interface StepWords {
  /** NaN before it was read. */
  readonly loss: number
  /** The last epoch that was validated. */
  readonly validated: HistoryRow | undefined
  readonly pace: Pace
}

/** `loss 0.412, validation accuracy 0.953, 231 images/s`, without what is no number yet. */
export function describeStep({ loss, validated, pace }: StepWords): string {
  const accuracy = validated && `validation accuracy ${shown(validated.validation_accuracy)}`
  const mean = Number.isFinite(loss) ? `loss ${shown(loss)}` : undefined
  return [mean, accuracy, describeRate(pace)].filter((words) => words !== undefined).join(', ')
}

/** `at most 12 min left`, since a rule may end it sooner; empty where nothing can be said. */
function describeLeft({ secondsLeft }: Pace): string {
  return Number.isFinite(secondsLeft) ? `at most ${duration(secondsLeft)} left` : ''
}

function describeRate({ imagesPerSecond }: Pace): string | undefined {
  return Number.isFinite(imagesPerSecond) ? `${imagesPerSecond.toFixed(0)} images/s` : undefined
}

/** An epoch that is shorter says nothing of how fast it went. */
const LEAST_SECONDS = 0.5
/** Less is not worth a word. */
const LEAST_SECONDS_LEFT = 2

/** How long an epoch took, how fast it went and how long the others will take, each where it says something. */
export function describePace({
  seconds,
  pace,
  goesOn,
}: {
  readonly seconds: number
  readonly pace: Pace | undefined
  readonly goesOn: boolean
}): string[] {
  const took = seconds >= LEAST_SECONDS ? `${seconds.toFixed(1)} s` : undefined
  const rate = took !== undefined && pace ? describeRate(pace) : undefined
  const left = goesOn && pace && pace.secondsLeft >= LEAST_SECONDS_LEFT ? describeLeft(pace) : undefined
  return [took, rate, left].filter((words) => words !== undefined)
}

function shown(value: number): string {
  return value.toFixed(3)
}
