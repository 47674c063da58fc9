import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { buildNetwork } from '../network/registry.ts'
import type { SavedModel } from '../network/saved.ts'
import { countParameters } from '../network/saved.ts'
import { layerGraphOf, setWeights, weightsOf } from '../tensorflow/graph.ts'
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
import { trainingSeed } from '../train/phases.ts'
import { bestEpochOf } from '../train/stopping.ts'
import { cardOf } from '../train/train.ts'

/**
 * The model of a training that goes on, or was interrupted, from one of its checkpoints; the training is left alone.
 *
 * @param which `last`, `best` or the number of an epoch, of which the newest checkpoint is taken
 * @throws DataError that says which checkpoints there are, when there is no such one.
 */
export async function loadCheckpointedModel(
  configuration: Configuration,
  params: Params,
  which: string,
): Promise<SavedModel> {
  const snapshot = await readCheckpoint(configuration, params, which)
  return withTrainingData(async (data) => {
    const size = { imageSize: params.image.size, classCount: data.classes.length }
    const { model } = await buildNetwork(configuration, { ...size, seed: trainingSeed(configuration, params) })
    setWeights(model, which === 'best' ? snapshot.best : weightsNow(snapshot))
    const saved = { graph: layerGraphOf(model), weights: weightsOf(model), parameters: countParameters(model) }
    model.dispose()
    return { ...cardOf(configuration, params, data, snapshot.state.history), ...saved }
  })
}

async function readCheckpoint(configuration: Configuration, params: Params, which: string): Promise<Snapshot> {
  const key = await checkpointKey(configuration, params)
  const folder = checkpointFolder(configuration, key)
  const files = await listCheckpoints(folder)
  const hasBest = await exists(join(folder, BEST_FILE))
  const file = chooseFile(which, files, hasBest)
  if (file === undefined) throw notThere(configuration, which, files, hasBest)
  const path = join(folder, file)
  const bytes = await readFile(path).catch((error: unknown) => {
    // Training removes old checkpoints while it goes on.
    throw new DataError(`Expected the checkpoint ${path}, received: ${messageOf(error)}. Run the command again.`)
  })
  const snapshot = decodeCheckpoint(bytes, { key, name: path })
  if (which === 'best' && bestEpochOf(snapshot.state.history, configuration.train.stopping) === 0)
    throw notThere(configuration, which, files, false)
  if (which !== 'best' && snapshot.now.size === 0) {
    throw new DataError(
      `Expected a training that goes on, received one that is over and keeps its best weights alone. Name --checkpoint best.`,
    )
  }
  return snapshot
}

/** The name of a file, undefined where there is none; at its end a training keeps the best weights in its last checkpoint. */
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
    `Expected the checkpoint ${which} of ${name}, received ${there.join(', ') || 'none'}. ${there.length > 0 ? 'Name one of these' : 'A training that is over has its model in artifacts/train: leave --checkpoint away'}.`,
  )
}
