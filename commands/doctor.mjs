/**
 * doctor: check everything that the pipeline needs from this machine, and say how to fix what is wrong.
 *
 * usage   npm run doctor [-- --require-gpu] [--deep] [--json]
 *
 * Node's own modules only, since it has to work where nothing is installed yet. Exit code 1 with a fault.
 */
import { nodeFault } from './setup/node.mjs'

const fault = nodeFault(process.versions.node)
if (fault === undefined) import('./doctor/main.mjs')
else {
  console.error(`doctor: ${fault}`)
  process.exitCode = 1
}
