import { z } from 'zod'
import { paths } from '../core/paths.ts'
import { appendRecords, type RecordFile, readRecords } from './lines.ts'

const trialSchema = z.strictObject({
  seed: z.int(),
  /** Scores on validation of the kept epoch, as train writes them: six decimals. */
  accuracy: z.number(),
  loss: z.number(),
  best_epoch: z.int(),
  epochs: z.int(),
})

const schema = z.strictObject({ configuration: z.string().min(1), trials: z.array(trialSchema).min(2) })

/** Trainings of one configuration that differ only in their seed. */
export type SeedTrials = z.infer<typeof schema>
export type SeedTrial = SeedTrials['trials'][number]

const FILE: RecordFile<SeedTrials> = {
  path: paths.seedTrials,
  schema,
  identity: (entry) => JSON.stringify(schema.parse(entry)),
}

export async function readSeedTrials(): Promise<SeedTrials[]> {
  return readRecords(FILE)
}

/** Appends to records/seeds.jsonl what `npm run seeds` found. @returns whether it was new */
export async function recordSeedTrials(found: SeedTrials): Promise<boolean> {
  return (await appendRecords(FILE, [found])).length > 0
}

/**
 * The largest set of trials that a training is one of, which shows that they have its configuration, data and code. It is one of
 * them if it has the same scores, the loss to the last digit.
 */
export function trialsOf(
  recorded: readonly SeedTrials[],
  configuration: string,
  { accuracy, loss, best_epoch, epochs }: Omit<SeedTrial, 'seed'>,
): readonly SeedTrial[] {
  const isSame = (trial: SeedTrial): boolean =>
    trial.accuracy === accuracy && trial.loss === loss && trial.best_epoch === best_epoch && trial.epochs === epochs
  return recorded
    .filter((each) => each.configuration === configuration && each.trials.some(isSame))
    .map(({ trials }) => trials)
    .reduce<readonly SeedTrial[]>((most, trials) => (trials.length >= most.length ? trials : most), [])
}

/** Mean, standard deviation (n - 1) and lowest of the accuracies of trials; NaN where there are too few. */
export function spreadOf(accuracies: readonly number[]) {
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length
  const squares = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (accuracies.length - 1)), lowest: Math.min(...accuracies) }
}
