/**
 * run: one of the scripts of the workflows, by its name; commands/ci/README.md says what each takes and gives.
 *
 * usage   npm run ci -- plan | train-one | collect | publish-review | release | --help
 */
import { readArguments } from '../../src/command-line/arguments.ts'
import { ConfigError } from '../../src/core/errors.ts'
import { runScript } from '../../src/core/stage.ts'

const NAMES = ['plan', 'train-one', 'collect', 'publish-review', 'release']

const HELP = `usage: npm run ci -- ${NAMES.join(' | ')}

What a workflow runs, one script each; all inputs come from the environment. commands/ci/README.md says what each takes and gives.`

const args = process.argv.slice(2)
const [name = ''] = args

if (NAMES.includes(name) && args.length === 1) await import(`./${name}.ts`)
else {
  await runScript('ci', async () => {
    if (!readArguments(args, { help: HELP, options: {}, words: 1 })) return undefined
    throw new ConfigError(`Expected one of ${NAMES.join(', ')}, received ${name || 'none'}. See commands/ci/README.md.`)
  })
}
