import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { ConfigError, TrainingError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import { encodePng } from '../images/encode.ts'
import { withTrainingData } from '../train/data.ts'
import { selectConfiguration } from '../train/params.ts'
import { rangeOf } from './batch-faults.ts'
import { drawBatch, type SheetCell } from './batch-sheet.ts'
import { type CheckedData, checkData } from './check-data.ts'
import type { StepScore } from './overfit.ts'

/** Steps after which a batch that is not learned is given up. */
export const DEFAULT_STEPS = 300

/**
 * Lets a configuration learn one batch by heart, prints how that went, and shows the batch in `artifacts/check/`; gives the
 * line that a person reads.
 *
 * @param steps at most, as it was typed
 * @throws TrainingError that says why, when it does not learn.
 */
export async function runCheck(params: Params, choice: Choice, steps = String(DEFAULT_STEPS)): Promise<string> {
  const maxSteps = expectSteps(steps)
  const configuration = selectConfiguration(params, chooseConfiguration(params, choice))
  const { name } = configuration
  const progress = openProgress(`check-data@${name}: steps`, maxSteps)
  const onStep = ({ step, loss }: StepScore) => progress.update(step, `loss ${loss.toFixed(3)}`)
  const checked = await withTrainingData((data) =>
    checkData(configuration, params, data, { maxSteps, onStep }).finally(() => progress.stop()),
  )
  const path = `artifacts/check/${name}.svg`
  await writeFileAtomically(path, await drawSheet(name, checked))
  console.log(describeCheck(checked).join('\n'))
  const { verdict } = checked
  if (verdict.learns) return `${name} ${verdict.text}; the batch with its labels: ${path}`
  throw new TrainingError(
    `Expected ${name} to learn one batch of ${checked.batch.count} images by heart, received ${describeEnd(checked)}. ${verdict.text} The batch with its labels: ${path}`,
  )
}

/** What is printed: the batch, its pixels, the loss on the way, and what was found. */
export function describeCheck({ batch, classes, scaled, faults, overfitted }: CheckedData): string[] {
  const counts = classes.map((name, place) => `${batch.labels.filter((label) => label === place).length} ${name}`)
  const pixels = rangeOf(batch.pixels)
  const seen = scaled
    ? `; after ${scaled.layer} ${scaled.values.least.toFixed(2)} to ${scaled.values.greatest.toFixed(2)}`
    : ''
  return [
    `one batch of ${batch.count} training images: ${counts.join(', ')}; pixels ${pixels.least} to ${pixels.greatest}${seen}`,
    ...faults,
    ...milestones(overfitted.scores).map(
      ({ step, loss, accuracy }) =>
        `  step ${String(step).padStart(4)}   loss ${loss.toFixed(3)}   accuracy ${accuracy.toFixed(3)}`,
    ),
  ]
}

function expectSteps(steps: string): number {
  if (/^[1-9]\d{0,5}$/.test(steps)) return Number(steps)
  throw new ConfigError(`Expected a number of steps, 1 or more, for --steps, received ${steps}. Name one.`)
}

/** The first step, the last, and those at 2, 5, 10, 20, 50, … */
function milestones(scores: readonly StepScore[]): StepScore[] {
  return scores.filter(({ step }) => step === scores.length || /^[125]0*$/.test(String(step)))
}

function describeEnd({ overfitted: { scores } }: CheckedData): string {
  const last = scores.at(-1)
  return last === undefined
    ? 'no step'
    : `loss ${last.loss.toFixed(3)} and accuracy ${last.accuracy.toFixed(3)} after ${last.step} steps`
}

const CELL_SIDE = 224

/** The batch class by class, so that a wrong label stands out. */
async function drawSheet(name: string, { batch, classes, overfitted, verdict, faults }: CheckedData): Promise<string> {
  const size = batch.inputShape[0] ?? 0
  const order = [...batch.labels.keys()].sort((a, b) => (batch.labels[a] ?? 0) - (batch.labels[b] ?? 0))
  const cells = order.map(async (place): Promise<SheetCell> => {
    const pixels = batch.pixels.subarray(place * size * size * 3, (place + 1) * size * size * 3)
    const row = overfitted.probabilities[place] ?? []
    const probability = Math.max(...row)
    return {
      id: batch.ids[place] ?? '',
      label: classes[batch.labels[place] ?? 0] ?? '',
      predicted: classes[row.indexOf(probability)] ?? 'nothing',
      probability,
      png: await encodePng(pixels, size, CELL_SIDE),
    }
  })
  const lines = [
    `each with its label, and below what the network says after it learned this batch alone`,
    ...(verdict.learns ? [verdict.text, ...faults] : [verdict.text]),
  ]
  return drawBatch(await Promise.all(cells), { title: `${name}: one batch of training images`, lines })
}
