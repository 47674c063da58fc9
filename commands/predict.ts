/**
 * predict: classify images with the chosen model, or another.
 *
 * reads   results/gate.json, artifacts/train/<config>/model/; with --checkpoint, the checkpoints of a training that is running or was interrupted
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'

const HELP = `predict: classify images, also those in folders

usage: npm run predict -- photo.jpg folder … [options]
  --csv                a table: file, label, and the probability of each class
  --json               one JSON object per line: first configuration and digest
                       of the model, then for each image file, label,
                       probabilities, and the temperature of their calibration
${CHOICE_HELP}
  without these        the model that the gate judges
  --checkpoint last|best|EPOCH
                       of a training that is running or was interrupted
  --help               this text`

const OPTIONS = {
  ...CHOICE_OPTIONS,
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  checkpoint: { type: 'string' },
} as const

await runCommand(
  'predict',
  { help: HELP, options: OPTIONS, words: Number.POSITIVE_INFINITY, paths: ['words'] },
  async ({ values, words }) => {
    const { predictFiles } = await import('../src/predict/predict.ts')
    return predictFiles(await loadParams(), { ...values, files: words })
  },
)
