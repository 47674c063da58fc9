import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { SavedModel } from '../network/saved.ts'
import { writeCalibration, writeReliability } from '../scores/calibration.ts'
import { writeConfusion } from '../scores/confusion.ts'
import { type HeatMaps, writeHeatMaps } from '../scores/heat-maps.ts'
import { type Identity, writeIdentity } from '../scores/identity.ts'
import { writeMetrics } from '../scores/metrics.ts'
import { writeNovelty } from '../scores/novelty-files.ts'
import { EVALUATED_PARTS, writePredictions } from '../scores/predictions.ts'
import type { Evaluation } from './measure.ts'
import type { MeasuredNovelty } from './novelty.ts'

/**
 * Writes artifacts/evaluate/<config>, whole or not at all; gives the stage's result line.
 *
 * The training history is copied along, so that the folder describes a whole training.
 */
export async function saveEvaluation(
  config: string,
  model: SavedModel,
  evaluation: Evaluation & { readonly novelty: MeasuredNovelty },
  { identity, explained }: { readonly identity: Identity; readonly explained: HeatMaps },
): Promise<string> {
  const { metrics, images, confusion, reliability, calibration, novelty } = evaluation
  await writeFolderAtomically(paths.evaluate(config), async (folder) => {
    await writeMetrics(join(folder, 'metrics.json'), {
      architecture: model.architecture,
      mode: model.mode,
      parameters: model.parameters.total,
      trainable_parameters: model.parameters.trainable,
      epochs: model.epochs,
      best_epoch: model.bestEpoch,
      temperature: calibration.temperature,
      train_images_per_class: new Map(model.trainImages),
      ...metrics,
      novelty: novelty.metrics,
    })
    await writePredictions(join(folder, 'predictions.csv'), images, model.classes)
    await writeConfusion(join(folder, 'confusion.csv'), confusion)
    await writeReliability(join(folder, 'reliability.csv'), reliability)
    await writeCalibration(join(folder, 'calibration.json'), calibration)
    const here = (path: string) => join(folder, basename(path))
    const { array, index } = paths.heatMaps(config)
    await writeHeatMaps({ array: here(array), index: here(index) }, explained)
    const { description, references } = paths.novelty(config)
    const at = { description: here(description), references: here(references) }
    await writeNovelty(at, identity.model.digest, novelty.stored)
    await writeIdentity(join(folder, 'identity.json'), identity)
    await copyFile(paths.history(config), join(folder, 'history.csv'))
  })
  const shown = EVALUATED_PARTS.map((part) => `${part} ${metrics[part].correct}/${metrics[part].images}`)
  return `correct: ${shown.join(', ')}`
}
