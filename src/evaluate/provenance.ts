import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { ModelMetadata } from '../network/saved.ts'

/** What the metadata of a model must say: from params.yaml, and from the files that the training read and wrote. */
export interface Provenance {
  readonly config: string
  /** The entry of `models`, as written. */
  readonly entry: unknown
  /** SHA-256 of the parameters of the training, from `trainingDigest`. */
  readonly parameters: string
  /** SHA-256 of the table of training images. */
  readonly images: string
  /** Rows of the history. */
  readonly epochs: number
}

/**
 * Compares the metadata of a model with the training that params.yaml describes: DVC's run cache may hold the outputs of another
 * training under the name of this one.
 *
 * @throws DataError with everything that differs
 */
export function expectProvenance(
  model: ModelMetadata,
  { config, entry, parameters, images, epochs }: Provenance,
): void {
  const { architecture, mode } = entry as { architecture?: unknown; mode?: unknown }
  const compared = [
    ['configuration', config, model.config],
    ['architecture', architecture, model.architecture],
    ['mode', mode, model.mode],
    ['parameters', parameters, model.training?.parameters],
    ['training images', images, model.training?.images],
    ['epochs', epochs, model.epochs],
  ] as const
  const different = compared.filter(([, expected, found]) => expected !== found)
  if (different.length === 0) return
  const list = different.map(([what, expected, found]) => `${what} ${short(found)} instead of ${short(expected)}`)
  throw new DataError(
    `Expected ${paths.model(config)} to be from the training of ${config} in ${paths.params}, received another: ${list.join(', ')}. If it came from DVC's run cache, the cache has the outputs of another training under this name. Train it again: \`npm run repro -- --force --no-run-cache --single-item train@${config}\`.`,
  )
}

/** A value, or the start of a hash. */
function short(value: unknown): string {
  return String(value ?? 'unknown').slice(0, 24)
}
