import { loadParams } from '../command-line/params.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type Identity, readIdentity } from '../scores/identity.ts'
import { readMetrics } from '../scores/metrics.ts'
import type { PartScores } from '../scores/scores.ts'
import { appendReveals, type Reveal } from './ledger.ts'

/** The reveal that an evaluation was; none without test images. */
function revealOf(
  configuration: string,
  { model, testSet }: Identity,
  { correct, images }: Pick<PartScores, 'correct' | 'images'>,
): Reveal[] {
  return images > 0 ? [{ configuration, model: model.digest, testSet, correct, images }] : []
}

/**
 * Enters into the ledger every configuration of params.yaml that was scored, each model and test set once.
 *
 * @returns what was added; the ledger is there afterwards in any case.
 */
export async function recordReveals(): Promise<Reveal[]> {
  const { models } = await loadParams()
  const reveals: Reveal[] = []
  for (const name of Object.keys(models)) {
    if (!(await exists(paths.identity(name)))) continue
    const { test } = await readMetrics(paths.metrics(name))
    reveals.push(...revealOf(name, await readIdentity(paths.identity(name)), test))
  }
  return appendReveals(paths.ledger, reveals)
}

/** The same for whoever runs the pipeline: the line that a person reads, where something was added. */
export async function revealsRecorded(): Promise<string | undefined> {
  const added = await recordReveals()
  return added.length > 0 ? `ledger: ${describeReveals(added)}` : undefined
}

/** `2 reveals of the test set, original-zero 30/30, mobilenet025-zero 30/30` */
export function describeReveals(added: readonly Reveal[]): string {
  const shown = added.map(({ configuration, correct, images }) => `${configuration} ${correct}/${images}`)
  return added.length === 0
    ? 'nothing new'
    : `${added.length} ${added.length === 1 ? 'reveal' : 'reveals'} of the test set, ${shown.join(', ')}`
}
