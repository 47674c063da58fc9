import { join } from 'node:path'
import { writeCsv } from '../../../src/core/csv.ts'
import { sha256 } from '../../../src/core/files.ts'
import { paths } from '../../../src/core/paths.ts'
import { type ManifestRow, readManifest, writeManifest } from '../../../src/dataset/manifest.ts'
import { measure } from '../../../src/evaluate/measure.ts'
import { EVALUATED_PARTS, type Prediction } from '../../../src/scores/predictions.ts'
import { metricsOf } from '../../evaluate/scored.ts'
import { writeConfiguration, writePackedImages, writeParams } from '../../pipeline/evaluated.ts'

/** Images that are nearly the same, of the training and the test set. */
export const GROUP = ['train/0-1.png', idOf('test', 0, 0)]

/** Names that are markup. */
export const CLASSES = [
  '</script><script>window.hit = 1</script>',
  `"'><img src=x onerror="window.hit = 2">`,
  'horse & foal',
]

/** Of each part and class: what the images were taken for, a digit an image, the place of the class. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  'original-zero': ['0000000120', '1111111101', '22222222'],
  'mobilenet025-zero': ['0001000210', '1111111100', '22212222'],
}

/** Writes artifacts of two configurations on 84 images whose classes and ids are markup, below `folder`. */
export async function writeHostileArtifacts(folder: string): Promise<void> {
  await writeParams(
    folder,
    '{ validation: 0.75, test: 0.5, minValidationImages: 4, minTestImages: 2, regression: { alpha: 0.05, minImages: 50 } }',
  )
  for (const [name, taken] of Object.entries(TAKEN)) {
    const evaluation = measure(predictionsOf(taken), { classes: CLASSES, seed: 1, bootstrapSamples: 10 })
    const head = { ...evaluation.metrics, epochs: 3, best_epoch: 3 }
    await writeConfiguration(folder, name, { evaluation, metrics: metricsOf({}, head), classes: CLASSES })
    await writePackedImages(folder, evaluation.images, CLASSES)
  }
  const rows = GROUP.map((id) => ({ group: 1, id }))
  await writeCsv(join(folder, paths.groups), ['group', 'id'], rows)
  const manifest = await readManifest(join(folder, paths.manifest))
  const images = GROUP.map((id) => ({ ...(manifest[0] as ManifestRow), id, sha256: sha256(id) }))
  await writeManifest(join(folder, paths.manifest), [...manifest, ...images])
}

/** The page that the report stage writes there. */
export function pageIn(folder: string): string {
  return join(folder, 'artifacts/report/index.html')
}

function predictionsOf(taken: readonly string[]): Prediction[] {
  return EVALUATED_PARTS.flatMap((part) =>
    taken.flatMap((digits, label) =>
      [...digits].map((digit, place) => ({
        id: idOf(part, label, place),
        part,
        label: CLASSES[label] ?? '',
        probabilities: CLASSES.map((_, at) =>
          at === Number(digit) ? (place > 7 ? 0.996 : 0.8) : place > 7 ? 0.002 : 0.1,
        ),
      })),
    ),
  )
}

function idOf(part: string, label: number, place: number): string {
  return `${part}/<b onclick="hit()">${label}</b>/'${place}'.png`
}
