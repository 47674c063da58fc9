import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readParams } from '../../src/config/params.ts'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import { measure } from '../../src/evaluate/measure.ts'
import { dataCard } from '../../src/report/data-card.ts'
import type { Evaluated } from '../../src/report/inputs.ts'
import { reportSections } from '../../src/report/params.ts'
import { renderReport } from '../../src/report/render.ts'
import { writeResults } from '../../src/report/results.ts'
import { writeConfusion } from '../../src/scores/confusion.ts'
import { writeMetrics } from '../../src/scores/metrics.ts'
import type { Prediction } from '../../src/scores/predictions.ts'
import { identityOf } from '../evaluate/scored.ts'
import { historyRow } from '../support/history-row.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** What results/ may take in git. */
const LIMIT_BYTES = 1_000_000
/** Names of Animals10, which are as long as in that data set. */
const CLASSES = [
  ...['cane', 'cavallo', 'elefante', 'farfalla', 'gallina', 'gatto', 'mucca', 'pecora', 'ragno', 'scoiattolo'],
]
const IMAGES = 5_600
/** As many as get a dot each, which is what takes most bytes. */
const EPOCHS = 20
const CONFIGURATIONS = [
  ...['resnet50-zero', 'resnet50-transfer', 'resnet50-fine-tune', 'efficientnetb4-zero', 'efficientnetb4-transfer'],
  ...['efficientnetb4-fine-tune', 'original-zero'],
]

/** All images evaluated, half of them on validation, with names as Animals10 has them. */
function predictionsOf(config: string, accuracy: number): Prediction[] {
  const names = seededRng(1, 'names')
  const rng = seededRng(1, config)
  return Array.from({ length: IMAGES }, (_, place) => {
    const label = CLASSES[place % CLASSES.length] ?? ''
    const name = sha256(String(names())).slice(0, 24)
    const taken = rng() < accuracy ? label : (CLASSES[Math.floor(rng() * CLASSES.length)] ?? '')
    const sure = 0.4 + 0.599 * Math.sqrt(rng())
    const tenth = Math.floor(place / CLASSES.length) % 10
    const part = tenth < 5 ? 'validation' : tenth < 9 ? 'holdout' : 'test'
    return {
      id: `${part === 'test' ? 'test' : 'train'}/${label}/OIP-${name}.jpeg`,
      part,
      label,
      probabilities: CLASSES.map((each) => (each === taken ? sure : (1 - sure) / (CLASSES.length - 1))),
    }
  })
}

async function evaluate(config: string, accuracy: number): Promise<Evaluated> {
  const predictions = predictionsOf(config, accuracy)
  const { images, metrics, ...rest } = measure(predictions, { classes: CLASSES, seed: 1, bootstrapSamples: 100 })
  const history = Array.from({ length: EPOCHS }, (_, place) => {
    const noise = seededRng(place, config)
    return historyRow(place + 1, {
      loss: 2 / (place + 1 + noise()),
      accuracy: 1 - 0.4 / (place + 1 + noise()),
      validation_loss: 2.2 / (place + 1 + noise()),
      validation_accuracy: 1 - 0.5 / (place + 1 + noise()),
      validation_macro_f1: 1 - 0.6 / (place + 1 + noise()),
      stopped_by: place + 1 === EPOCHS ? 'epochs' : '',
    })
  })
  const head = {
    ...{ architecture: 'resnet', mode: 'transfer', parameters: 23_600_000, trainable_parameters: 20_490 },
    ...{ epochs: EPOCHS, best_epoch: 17, temperature: rest.calibration.temperature },
    train_images_per_class: new Map(CLASSES.map((name) => [name, 2_000])),
  }
  await writeMetrics(paths.metrics(config), { ...head, ...metrics })
  await writeConfusion(paths.confusion(config), rest.confusion)
  return {
    ...rest,
    metrics: { ...head, ...metrics },
    predictions: images,
    identity: identityOf(config),
    history,
    notes: [],
  }
}

const sample = await readParams(reportSections, 'profiles/sample.yaml')
const [entry = { architecture: '', mode: '' }] = Object.values(sample.models)
const params = { ...sample, models: Object.fromEntries(CONFIGURATIONS.map((name) => [name, entry])) }
temporaryFolder({ enter: true })

describe('results/', () => {
  it('stays under 1 MB for seven configurations, 5,600 evaluated images and ten classes', async () => {
    const evaluations: Record<string, Evaluated> = {}
    for (const [place, name] of CONFIGURATIONS.entries()) evaluations[name] = await evaluate(name, 0.98 - 0.07 * place)
    const looks = Array.from({ length: 100 }, (_, place) => ({
      ...{ configuration: 'efficientnetb4-fine-tune', model: sha256(String(place)), correct: 540, images: 560 },
      testSet: identityOf('').testSet,
    }))
    const images = evaluations['original-zero']?.predictions ?? []
    const manifest = images.map(({ id, label, part }) => ({
      ...{ id, label, set: part === 'test' ? ('test' as const) : ('train' as const), source: 'unknown' },
      ...{ sha256: sha256(id), width: 300, height: 225 },
    }))
    const data = dataCard(manifest, images, { rejected: [], members: [], excluded: [] })
    await writeResults(await renderReport({ evaluations, looks, trainings: {}, seeds: [], data }, params))
    const sizes = await sizesBelow(paths.results)
    const total = Object.values(sizes).reduce((sum, size) => sum + size, 0)
    expect(Object.keys(sizes)).toHaveLength(5 + 1 + 7 + 7 + 9)
    expect(total).toBeLessThan(LIMIT_BYTES)
    expect(await readFile(paths.resultsPredictions, 'utf8')).toMatch(/^(.*\n){5601}$/)
  })
})

async function sizesBelow(path: string): Promise<Record<string, number>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const)))
}
