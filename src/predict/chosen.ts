import { join } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { rankConfigurations } from '../gate/gate.ts'
import { type Metrics, readMetrics } from '../scores/metrics.ts'

/** The configuration that the gate judges: the best on validation among those that results/ has metrics of. */
export async function readChosen({ models }: Pick<Params, 'models'>): Promise<string> {
  const metrics: Record<string, Metrics> = {}
  for (const name of Object.keys(models)) {
    const path = join(paths.resultsMetrics, `${name}.json`)
    if (await exists(path)) metrics[name] = await readMetrics(path)
  }
  const [best] = rankConfigurations(metrics)
  if (best !== undefined) return best
  throw new DataError(
    `Expected metrics of a configuration in ${paths.resultsMetrics}, received none. Run \`npm run repro\`, or name one: --config NAME.`,
  )
}
