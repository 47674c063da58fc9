/**
 * An expected failure, which a person can fix: its message alone is printed, and the exit code is 1.
 *
 * A message reads "Expected …, received …. What to do." Anything that is not a PaddockError is a bug and keeps its stack.
 */
export class PaddockError extends Error {
  override name = 'PaddockError'
  readonly exitCode: number = 1
}

/** params.yaml, an argument or an environment variable is wrong. */
export class ConfigError extends PaddockError {
  override name = 'ConfigError'
}

/** The images, their pin or a file that a stage wrote is wrong. */
export class DataError extends PaddockError {
  override name = 'DataError'
}

/** Something that set-up installs is missing or broken. */
export class SetupError extends PaddockError {
  override name = 'SetupError'
}

/** Pretrained weights are not available, or not the requested ones. */
export class WeightsError extends PaddockError {
  override name = 'WeightsError'
}

/** Training cannot continue: the loss is not finite, or the image is too small for the network. */
export class TrainingError extends PaddockError {
  override name = 'TrainingError'
}

/** A threshold of the gate was missed. */
export class GateError extends PaddockError {
  override name = 'GateError'
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
