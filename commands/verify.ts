/**
 * verify: do dvc.lock and results/ belong to what is checked out, and is the gate passed?
 *
 * reads   dvc.yaml, dvc.lock, params.yaml, data.dvc, package.json, the code, results/
 */
import { runScript } from '../src/core/script.ts'
import { verify } from '../src/review/verify/verify.ts'

await runScript('verify', () => verify(process.argv.slice(2)))
