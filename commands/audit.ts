/**
 * audit: find labels that are probably wrong, and images that do not belong, on a page where each can be decided.
 *
 * reads   params.yaml, exclude.csv, results/gate.json, artifacts/fetch/, which DVC brings up to date first
 * writes  artifacts/audit/{audit.csv, index.html}
 */
import { chooseBackbone, readJudged } from '../src/audit/configuration.ts'
import { runCommand } from '../src/command-line/arguments.ts'
import { loadParams } from '../src/command-line/params.ts'
import { reproduce } from '../src/dvc/reproduce.ts'

const HELP = `audit: which labels are probably wrong, and which images do not belong?
Divides all images into five parts and judges each part by a head trained on
the others, on the features of a pretrained network. Nothing needs to be
trained before. Ranks the images by the probability of their label, and lists
duplicates under two labels, and outliers.

The page artifacts/audit/index.html shows them. Keep, relabel or exclude each
there, save the decisions, and carry them out: npm run add -- --apply FILE

usage: npm run audit [-- --config NAME]

  --config NAME  whose backbone; the one that the gate chose, or the first with
                 mode transfer. One from zero has learned these labels
  --help         this text`

await runCommand('audit', { help: HELP, options: { config: { type: 'string' } } }, async ({ values: { config } }) => {
  const configuration = chooseBackbone(await loadParams(), config, await readJudged())
  if ((await reproduce(['fetch'])) === undefined) return undefined
  const { name, entry, train } = configuration
  const kind = entry.mode === 'fine-tune' ? ', before fine-tuning' : ''
  console.log(`audit: by the pretrained backbone of ${name} (${entry.architecture})${kind}`)
  const { prepareNumerics } = await import('../src/tensorflow/environment.ts')
  prepareNumerics(train, process.env)
  const { runAudit } = await import('../src/audit/audit.ts') // loads TensorFlow
  return runAudit(configuration)
})
