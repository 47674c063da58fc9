/**
 * accept-test-set: freeze the test set that data/test/ holds now, but for what exclude.csv names, and say what changed.
 *
 * reads   data/test/, exclude.csv
 * writes  test-set.csv
 */
import { runScript } from '../src/core/script.ts'
import { acceptTestSetCommand } from '../src/workspace/accept-test-set.ts'

await runScript('accept-test-set', () => acceptTestSetCommand(process.argv.slice(2)))
