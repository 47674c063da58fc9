/**
 * An expected failure: something a person can put right. It is printed as its message alone and ends the program with 1.
 *
 * A message reads "Expected …, received …. What to do." Anything that is not a PaddockError is a bug and keeps its stack.
 */
export class PaddockError extends Error {
  override name = 'PaddockError'
  readonly exitCode: number = 1
}

/** params.yaml, an argument or an environment variable is not what it must be. */
export class ConfigError extends PaddockError {
  override name = 'ConfigError'
}

/** Images, the pin of the images or a file that a stage wrote are not what they must be. */
export class DataError extends PaddockError {
  override name = 'DataError'
}

/** Something that set-up provides is missing or broken. */
export class SetupError extends PaddockError {
  override name = 'SetupError'
}

/** Pretrained weights cannot be had, or are not the ones that were asked for. */
export class WeightsError extends PaddockError {
  override name = 'WeightsError'
}

/** Training cannot go on: a loss that is not finite, an image size that the network cannot take. */
export class TrainingError extends PaddockError {
  override name = 'TrainingError'
}

/** A threshold of the gate was missed. */
export class GateError extends PaddockError {
  override name = 'GateError'
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
