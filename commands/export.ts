/**
 * export: write the chosen model, or another, as ONNX for other programs, checked on the validation images.
 *
 * reads   results/gate.json, results/model-card.md, artifacts/train/<config>/model/, artifacts/evaluate/<config>/calibration.json,
 *         artifacts/augment/validation.npy
 * writes  artifacts/export/<config>/, or the folder of --to
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'

const HELP = `export: write the chosen model, or another, as ONNX for other programs

usage: npm run export -- [options]
${CHOICE_HELP}
  without these        the model that the gate judges
  --to FOLDER          default: artifacts/export/CONFIG
  --help               this text

The folder holds onnx/model.onnx, config.json and preprocessor_config.json for
Transformers.js and Hugging Face, the model card, and an example each for
Python, Node and the browser. It is only written if the ONNX file and the model
agree on all validation images.`

const OPTIONS = { ...CHOICE_OPTIONS, to: { type: 'string' } } as const

await runCommand('export', { help: HELP, options: OPTIONS, paths: ['to'] }, async ({ values }) => {
  const { exportModel } = await import('../src/predict/export/export.ts') // loads TensorFlow
  return exportModel(await loadParams(), values)
})
