/**
 * watch: how far the run is that goes on in this checkout, started in another terminal or by another program.
 *
 * usage   npm run watch -- [--help]
 * reads   .paddock/live/, which a run writes
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { watch } from '../src/command-line/watch.ts'
import { runCommand } from '../src/core/stage.ts'

const HELP = `watch: how far the run is that goes on in this checkout; ends when it does. Ctrl-C ends watching alone

usage: npm run watch
  --help                                           this text`

await runCommand('watch', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: {}, words: 0 })
  return given && watch()
})
