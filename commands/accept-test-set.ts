/**
 * accept-test-set: freeze the test set that data/test/ holds now, but for what exclude.csv names, and say what changed.
 *
 * usage   npm run accept-test-set
 * reads   data/test/, exclude.csv
 * writes  test-set.csv
 */
import { acceptTestSetCommand } from '../src/dataset/accept-test-set.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('accept-test-set', () => acceptTestSetCommand(process.argv.slice(2)))
