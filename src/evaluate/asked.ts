import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { ModelMetadata } from '../network/saved.ts'

/** What evaluate was asked to evaluate, and what the training left beside the model. */
export interface Asked {
  readonly config: string
  /** Of the entry of `models`, as it is written. */
  readonly entry: unknown
  /** SHA-256 of what params.yaml asks of the training. */
  readonly parameters: string
  /** SHA-256 of the table of training images. */
  readonly images: string
  /** Rows of the history. */
  readonly epochs: number
}

/**
 * Holds a model to what was asked for, by its own metadata: DVC's run cache may hold the outputs of another training under the
 * name of this one.
 *
 * @throws DataError with everything that differs
 */
export function expectAsked(model: ModelMetadata, { config, entry, parameters, images, epochs }: Asked): void {
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
    `Expected the training of ${config} that ${paths.params} asks for in ${paths.model(config)}, received another: ${list.join(', ')}. Where it came from DVC's run cache, that has another's outputs under this one's name. Train it again: \`npm run repro -- --force --no-run-cache --single-item train@${config}\`.`,
  )
}

/** A value, or the start of a hash. */
function short(value: unknown): string {
  return String(value ?? 'unknown').slice(0, 24)
}
