/**
 * summary: the layers of a network, their output shapes and parameters. It needs no pictures, weights or training.
 *
 * usage   npm run summary -- -m mobilenet -t transfer | --config NAME | --help
 * reads   params.yaml, artifacts/split/split.csv where it is there, for the number of classes (else 3)
 */
import { readArguments } from '../src/config/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/config/choose.ts'
import { loadParams } from '../src/config/load.ts'
import { runCommand } from '../src/stage.ts'

const HELP = `summary: layers, output shapes and parameters of a network, as Keras prints them

usage: npm run summary -- [options]
${CHOICE_HELP}
  --help                                           this text`

await runCommand('summary', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: CHOICE_OPTIONS, words: 0 })
  if (!given) return undefined
  const { describeChoice } = await import('../src/models/describe.ts') // loads TensorFlow
  return void console.log(await describeChoice(await loadParams(), given.values))
})
