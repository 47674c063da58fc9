/**
 * run: one of the scripts of the workflows, by its name; ci/README.md says what each takes and gives.
 *
 * usage   npm run ci -- plan | train-one | collect | publish-review | release
 */
import { ConfigError } from '../src/core/errors.ts'
import { runCommand } from '../src/stage.ts'

const NAMES = ['plan', 'train-one', 'collect', 'publish-review', 'release']

const [name = ''] = process.argv.slice(2)

if (NAMES.includes(name)) await import(`./${name}.ts`)
else {
  await runCommand('ci', async () => {
    throw new ConfigError(`Expected one of ${NAMES.join(', ')}, received ${name || 'none'}. See ci/README.md.`)
  })
}
