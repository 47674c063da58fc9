/**
 * plan: bring the data of all configurations into the remote, and say which configurations are stale.
 *
 * reads   CONFIGURATIONS, SEED; params.yaml, dvc.lock, the remote
 * writes  the remote; the outputs matrix and count; the job summary
 */
import { runScript } from '../../src/core/stage.ts'
import { plan } from '../../src/github/workflow/plan.ts'

await runScript('plan', () => plan())
