/**
 * demo: try the chosen model in a browser; Ctrl-C ends it.
 *
 * reads   artifacts/report/demo/, which report writes
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { paths } from '../src/core/paths.ts'
import { describeOutdated } from '../src/dvc/outdated.ts'
import { describeRun } from '../src/dvc/running.ts'
import { openDemo } from '../src/predict/demo-server.ts'

const HELP = `demo: try the chosen model in a browser; images stay on this computer. Ctrl-C
ends it

usage: npm run demo -- [options]
  --port N  serve at this port; default: a free one
  --help    this text`

await runCommand('demo', { help: HELP, options: { port: { type: 'string' } } }, async ({ values }) => {
  const run = await describeRun()
  if (run) console.error(`demo: ${run}`)
  const outdated = describeOutdated('the demo', paths.report, 'index.html')
  if (outdated) console.error(`demo: ${outdated}`)
  return openDemo(values)
})
