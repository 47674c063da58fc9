/**
 * verify: whether dvc.lock and results/ belong to what is checked out, and what the gate says.
 *
 * usage   npm run verify [-- --json]
 * reads   dvc.yaml, dvc.lock, params.yaml, data.dvc, packages.json, package-lock.json, the code, results/
 * writes  .paddock/bundles/verify-<digest>.cjs, itself in one file, made when the code has changed
 */
import { runBundled } from './verify/bundle.mjs'

await runBundled('commands/verify/main.ts', 'verify')
