/**
 * train-one: train and evaluate the configurations of one job, and send them to the remote with the run cache.
 *
 * reads   CONFIG, SEED; params.yaml, the remote
 * writes  the remote
 */
import { runScript } from '../../src/core/stage.ts'
import { trainOne } from '../../src/github/workflow/train-one.ts'

await runScript('train-one', () => trainOne())
