import type { Params } from '../command-line/params.ts'
import { paths } from '../core/paths.ts'
import { type DataCard, readDataCard } from './data-card.ts'
import { type Evaluated, readEvaluations } from './evaluations.ts'
import { type Reveal, readLedger } from './ledger.ts'
import { type Origins, readOrigins } from './lineage.ts'

/** All that the report is made from, beside the parameters. */
export interface ReportInputs {
  /** By the name of the configuration. */
  readonly evaluations: Readonly<Record<string, Evaluated>>
  readonly ledger: readonly Reveal[]
  readonly data: DataCard
  readonly origins: Origins
}

/** Reads what the stages above have written; `pin` is that of the images. @throws DataError when something is missing. */
export async function readInputs(pin: string, params: Params): Promise<ReportInputs> {
  return {
    evaluations: await readEvaluations(Object.keys(params.models)),
    ledger: await readLedger(paths.ledger),
    data: await readDataCard(),
    origins: await readOrigins(pin, params),
  }
}
