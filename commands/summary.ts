/**
 * summary: the layers of a network, their output shapes and parameters. It needs no images, weights or training.
 *
 * usage   npm run summary -- -m mobilenet -t transfer | --config NAME [--svg FILE] | --help
 * reads   params.yaml, artifacts/split/split.csv where it is there, for the number of classes (else 3)
 * writes  FILE
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'
import { runScript } from '../src/core/stage.ts'

const HELP = `summary: layers, output shapes and parameters of a network, as Keras prints them

usage: npm run summary -- [options]
${CHOICE_HELP}
  --svg FILE                                       draws the network instead, block by block
  --help                                           this text`

const OPTIONS = { ...CHOICE_OPTIONS, svg: { type: 'string' } } as const

await runScript('summary', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: OPTIONS, words: 0 })
  if (!given) return undefined
  const { describeChoice, writeDrawing } = await import('../src/predict/describe.ts') // loads TensorFlow
  const { svg, ...choice } = given.values
  const params = await loadParams()
  return svg === undefined ? void console.log(await describeChoice(params, choice)) : writeDrawing(params, choice, svg)
})
