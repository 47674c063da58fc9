/**
 * demo: the chosen model in a browser, asked about photographs; Ctrl-C ends it.
 *
 * usage   npm run demo -- [--port N] | --help
 * reads   artifacts/report/demo/, which report writes
 */
import { readArguments } from '../src/config/arguments.ts'
import { openDemo } from '../src/report/open-demo.ts'
import { runCommand } from '../src/stage.ts'

const HELP = `demo: the chosen model in a browser; pictures stay on this computer. Ctrl-C ends it

usage: npm run demo -- [options]
  --port N                                         at this port; without, at a free one
  --help                                           this text`

await runCommand('demo', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: { port: { type: 'string' } }, words: 0 })
  return given && openDemo(given.values)
})
