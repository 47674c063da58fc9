/**
 * demo: try the chosen model in a browser; Ctrl-C ends it.
 *
 * usage   npm run demo -- [--port N] | --help
 * reads   artifacts/report/demo/, which report writes
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { runScript } from '../src/core/stage.ts'
import { openDemo } from '../src/predict/demo-server.ts'

const HELP = `demo: try the chosen model in a browser; images stay on this computer. Ctrl-C
ends it

usage: npm run demo -- [options]
  --port N  serve at this port; default: a free one
  --help    this text`

await runScript('demo', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: { port: { type: 'string' } }, words: 0 })
  return given && openDemo(given.values)
})
