import { DataError } from '../core/errors.ts'
import { checkpointFolder, checkpointKey } from './checkpoint-key.ts'
import { openInterruption } from './interruption.ts'
import { type Keeper, openKeeper, requestFinish } from './keeper.ts'
import type { Configuration, TrainStageParams } from './params.ts'
import type { RunState } from './run-state.ts'

/** The keeper of a configuration's training in this checkout; listens for signals from now on. */
export async function openRunKeeper(configuration: Configuration, params: TrainStageParams): Promise<Keeper<RunState>> {
  const interruption = openInterruption()
  const key = await checkpointKey(configuration, params)
  return openKeeper({
    folder: checkpointFolder(configuration, key),
    key,
    params: params.checkpoint,
    interruption,
    clock: () => performance.now(),
    warn: (message) => console.error(`train@${configuration.name}: ${message}`),
  })
}

/**
 * Asks the training of a configuration, running or interrupted, to end with the best weights it has.
 *
 * @throws DataError when there is none.
 */
export async function requestRunFinish(configuration: Configuration, params: TrainStageParams): Promise<void> {
  if (await requestFinish(checkpointFolder(configuration, await checkpointKey(configuration, params)))) return
  const { name } = configuration
  throw new DataError(
    `Expected a training of ${name} that goes on or was interrupted, received none with these parameters, images, code and thread settings. Begin one: npm run train -- --config ${name}.`,
  )
}
