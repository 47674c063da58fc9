/**
 * summary: the layers of a network, their output shapes and parameters. It needs no images, weights or training.
 *
 * reads   params.yaml; artifacts/split/split.csv, if present, for the number of classes (else 3)
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'

const HELP = `summary: layers, output shapes and parameters of a network

usage: npm run summary -- [options]
${CHOICE_HELP}
  --help  this text

To see a network drawn, open artifacts/train/<config>/model/model.json in Netron
(https://netron.app).`

await runCommand('summary', { help: HELP, options: CHOICE_OPTIONS }, async ({ values }) => {
  const { printSummary } = await import('../src/predict/summary.ts') // loads TensorFlow
  return void (await printSummary(await loadParams(), values))
})
