/**
 * summary: the layers of a network, their output shapes and parameters. It needs no pictures, weights or training.
 *
 * usage   npm run summary -- -m mobilenet -t transfer | --config NAME | --help
 * reads   params.yaml, artifacts/split/split.csv where it is there, for the number of classes (else 3)
 */
import { argv } from 'zx'
import { CHOICE_HELP } from '../src/config/choose.ts'
import { loadParams } from '../src/config/load.ts'
import { runCommand } from '../src/stage.ts'

const HELP = `summary: layers, output shapes and parameters of a network, as Keras prints them

usage: npm run summary -- [options]
${CHOICE_HELP}
  --help                                           this text`

await runCommand('summary', async () => {
  console.log(argv.help ? HELP : await summary())
  return undefined
})

/** TensorFlow is loaded only where a network is built. */
async function summary(): Promise<string> {
  const { describeChoice } = await import('../src/models/describe.ts')
  return describeChoice(await loadParams(), argv)
}
