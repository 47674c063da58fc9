import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { buildNetwork } from '../network/registry.ts'
import { type SavedModel, savedModelOf } from '../network/saved.ts'
import { setWeights } from '../tensorflow/graph.ts'
import {
  BEST_FILE,
  decodeCheckpoint,
  epochOf,
  listCheckpoints,
  type Snapshot,
  weightsNow,
} from '../train/checkpoint.ts'
import { checkpointFolder, checkpointKey } from '../train/checkpoint-key.ts'
import { withTrainingData } from '../train/data.ts'
import type { Configuration } from '../train/params.ts'
import { bestEpochOf } from '../train/stopping.ts'
import { metadataOf } from '../train/train.ts'

/**
 * Loads the model of a training that is running or was interrupted from one of its checkpoints; does not touch the training.
 *
 * @param which `last`, `best`, or an epoch, for its newest checkpoint
 * @throws DataError that lists the existing checkpoints when this one does not exist.
 */
export async function loadCheckpointedModel(configuration: Configuration, which: string): Promise<SavedModel> {
  const { image, seed } = configuration
  const snapshot = await readCheckpoint(configuration, which)
  return withTrainingData(async (data) => {
    const options = { imageSize: image.size, classCount: data.classes.length, seed }
    const { model } = await buildNetwork(configuration, options)
    setWeights(model, which === 'best' ? snapshot.best : weightsNow(snapshot))
    const saved = savedModelOf(model, await metadataOf(configuration, data, snapshot.state.history))
    model.dispose()
    return saved
  })
}

async function readCheckpoint(configuration: Configuration, which: string): Promise<Snapshot> {
  const key = await checkpointKey(configuration)
  const folder = checkpointFolder(configuration, key)
  const files = await listCheckpoints(folder)
  const hasBest = await exists(join(folder, BEST_FILE))
  const file = chooseFile(which, files, hasBest)
  if (file === undefined) throw notThere(configuration, which, files, hasBest)
  const path = join(folder, file)
  const bytes = await readFile(path).catch((error: unknown) => {
    // A running training removes old checkpoints.
    throw new DataError(`Expected the checkpoint ${path}, received: ${messageOf(error)}. Run the command again.`)
  })
  const snapshot = decodeCheckpoint(bytes, { key, name: path })
  if (which === 'best' && bestEpochOf(snapshot.state.history, configuration.train.stopping) === 0)
    throw notThere(configuration, which, files, false)
  if (which !== 'best' && snapshot.now.size === 0) {
    throw new DataError(
      `Expected a training that is not over, received a finished one, which keeps its best weights only. Use --checkpoint best.`,
    )
  }
  return snapshot
}

/** The name of a checkpoint file, undefined without one; a finished training keeps its best weights in the last checkpoint. */
function chooseFile(which: string, files: readonly string[], hasBest: boolean): string | undefined {
  if (which === 'last') return files[0]
  if (which === 'best') return hasBest ? BEST_FILE : files[0]
  if (!/^\d+$/.test(which)) {
    throw new ConfigError(`Expected --checkpoint last, best or the number of an epoch, received ${which}.`)
  }
  return files.find((file) => epochOf(file) === Number(which))
}

function notThere({ name }: Configuration, which: string, files: readonly string[], hasBest: boolean): DataError {
  const epochs = [...new Set(files.map(epochOf))]
  const there = [...(files.length > 0 ? ['last'] : []), ...(hasBest ? ['best'] : []), ...epochs]
  return new DataError(
    `Expected the checkpoint ${which} of ${name}, received ${there.join(', ') || 'none'}. ${there.length > 0 ? 'Name one of these' : 'The model of a finished training is in artifacts/train: leave out --checkpoint'}.`,
  )
}
