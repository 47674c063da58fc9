/**
 * certify: train a configuration of HEAD again, apart from the checkout: does it come out identical?
 *
 * reads   HEAD, DVC's cache; results/ for the configuration that is chosen where none is named
 * writes  nothing but a git worktree in .paddock/, which it removes
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseConfiguration } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'

const HELP = `certify: train and evaluate a configuration of HEAD again, and say whether it
comes out identical

usage: npm run certify [-- options]
${CHOICE_HELP}
  --help  this text

Without a name it is the configuration that the gate chose. Runs DVC in a
temporary git worktree of HEAD, from the images that augment made, and compares
dvc.lock: the checkout, checkpoints and DVC's cache stay as they are. Exit code
1 where an out differs, with the first differing weight tensor. The workflow
certify does this on the GPU runner.`

await runCommand('certify', { help: HELP, options: CHOICE_OPTIONS }, async ({ values }) => {
  const { certify, readChosen } = await import('../src/review/certify.ts')
  const isNamed = Object.keys(values).length > 0
  return certify(isNamed ? chooseConfiguration(await loadParams(), values) : await readChosen())
})
