/**
 * verify: whether dvc.lock and results/ belong to what is checked out, and what the gate says.
 *
 * usage   npm run verify [-- --json]
 * reads   dvc.yaml, dvc.lock, params.yaml, data.dvc, packages.json, package-lock.json, the code, results/
 */
import { runCommand } from '../src/stage.ts'
import { verify } from '../src/verify/verify.ts'

await runCommand('verify', () => verify(process.argv.slice(2)))
