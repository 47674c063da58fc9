import { TrainingError } from '../core/errors.ts'

/**
 * Refuses to train where `PADDOCK_NO_TRAINING` is set: on a machine that only collects what others trained, a training means that
 * its results did not come.
 *
 * @throws TrainingError
 */
export function expectTrainingAllowed(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (['', '0', undefined].includes(environment.PADDOCK_NO_TRAINING)) return
  throw new TrainingError(
    `Expected the results of ${name} in the run cache, received none, and PADDOCK_NO_TRAINING forbids a training here. Train it where that is allowed, and push it with --run-cache.`,
  )
}
