import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readParams } from '../../../src/config/params.ts'
import { compareNames } from '../../../src/core/names.ts'
import { paths } from '../../../src/core/paths.ts'
import { writeManifest } from '../../../src/dataset/manifest.ts'
import { writeSplit } from '../../../src/dataset/split.ts'
import { measure } from '../../../src/evaluate/measure.ts'
import type { Verdict } from '../../../src/gate/gate.ts'
import { readJudged } from '../../../src/gate/verdict.ts'
import { writeDemo } from '../../../src/report/demo.ts'
import { readInputs } from '../../../src/report/inputs.ts'
import { writePage } from '../../../src/report/page/page.ts'
import { reportSections } from '../../../src/report/params.ts'
import { type Report, renderReport } from '../../../src/report/render.ts'
import { writeResults } from '../../../src/report/results.ts'
import { EVALUATED_PARTS, type Prediction } from '../../../src/scores/predictions.ts'
import { metricsOf } from '../../evaluate/scored.ts'
import { writeConfiguration, writePackedImages, writeParams } from '../../pipeline/evaluated.ts'

/** The name of the configuration, which every object has. */
export const NAME = 'constructor'

const GATE =
  '{ validation: 1, test: 1, minValidationImages: 4, minTestImages: 2, regression: { alpha: 0.05, minImages: 50 } }'

/**
 * Names of classes: those that every object has, one of 200 characters in one word and one of many, then numbered ones.
 */
export function classNames(count: number): string[] {
  const awkward = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']
  const long = ['Lang'.repeat(50), 'a rather long name of many words '.repeat(7).slice(0, 200).trim()]
  return [...awkward.slice(0, 1), ...long, ...awkward.slice(1), ...numbered(count)].slice(0, count).sort(compareNames)
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, place) => `=class ${place}`)
}

/** Writes what report reads of made-up evaluations of these classes, below `folder`, and runs report there. */
export async function reportOn(folder: string, classes: readonly string[]): Promise<Report & { gate: Verdict }> {
  await writeInputs(folder, classes)
  const home = process.cwd()
  process.chdir(folder)
  try {
    const params = await readParams(reportSections)
    const [entry = { architecture: '', mode: '' }] = Object.values(params.models)
    const models = { [NAME]: entry }
    const inputs = await readInputs({ models })
    const report = await renderReport(inputs, { ...params, models })
    await writeResults(report)
    await writePage(report, inputs)
    await writeDemo(NAME, inputs.evaluations, params)
    return { ...report, gate: (await readJudged({ gate: params.gate, models })).gate }
  } finally {
    process.chdir(home)
  }
}

async function writeInputs(folder: string, classes: readonly string[]): Promise<void> {
  await writeParams(folder, GATE)
  const evaluation = measure(predictionsOf(classes), { classes, seed: 1, bootstrapSamples: 10 })
  const head = { train_images_per_class: new Map(classes.map((name) => [name, 2])), epochs: 3, best_epoch: 3 }
  await writeConfiguration(folder, NAME, {
    evaluation,
    metrics: metricsOf({}, { ...evaluation.metrics, ...head }),
    classes,
  })
  await writePackedImages(folder, evaluation.images, classes)
  const rows = evaluation.images.map(({ id, label, part }) => ({ id, label, part }))
  await writeSplit(join(folder, paths.split), rows)
  await writeManifest(
    join(folder, paths.manifest),
    rows.map(({ id, label, part }) => ({
      ...{ id, label, source: 'unknown', sha256: id, width: 64, height: 48 },
      set: part === 'test' ? ('test' as const) : ('train' as const),
    })),
  )
  await writeFile(join(folder, paths.rejected), 'id,reason\n')
}

/** Two images of each class and part; of every third class one is taken for the next class. */
function predictionsOf(classes: readonly string[]): Prediction[] {
  return EVALUATED_PARTS.flatMap((part) =>
    classes.flatMap((label, place) =>
      [0, 1].map((number) => {
        const taken = number === 1 && place % 3 === 0 ? (place + 1) % classes.length : place
        const probabilities = classes.map((_, at) => (at === taken ? 0.9 : 0.1 / (classes.length - 1)))
        return { id: `${part}/${place}/${number}.png`, part, label, probabilities }
      }),
    ),
  )
}
