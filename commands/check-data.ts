/**
 * check-data: let a configuration learn one batch of its training images by heart, and show that batch.
 *
 * reads   params.yaml, artifacts/augment/, which DVC brings up to date first
 * writes  artifacts/check/<config>.svg
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseConfiguration } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'
import { reproduce } from '../src/dvc/reproduce.ts'

const HELP = `check-data: can a configuration learn one batch of its training images by heart?
With broken data or labels it cannot, and this shows it in minutes. The batch
with its labels is drawn in artifacts/check/NAME.svg.

usage: npm run check-data -- [options]
${CHOICE_HELP}
  --steps N  give up after N steps; 300
  --help     this text`

const OPTIONS = { ...CHOICE_OPTIONS, steps: { type: 'string' } } as const

await runCommand('check-data', { help: HELP, options: OPTIONS }, async ({ values: { steps, ...choice } }) => {
  const params = await loadParams()
  chooseConfiguration(params, choice)
  if ((await reproduce(['augment'])) === undefined) return undefined
  const { runCheck } = await import('../src/check-data/check-data.ts') // loads TensorFlow
  return runCheck(params, choice, steps)
})
