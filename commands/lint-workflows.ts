/**
 * lint-workflows: checks the workflows with actionlint, and with zizmor in its strictest persona.
 *
 * reads   .github/, or a folder DIR of the same layout
 * needs   npm run setup -- --ci-tools
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { $, glob } from 'zx'
import { runCommand } from '../src/command-line/arguments.ts'
import { DataError, PaddockError, SetupError } from '../src/core/errors.ts'

const HELP = `usage: npm run lint-workflows [-- DIR]

Runs actionlint, and zizmor with --persona=auditor, on .github/ or on a folder
DIR of the same layout.`

const TOOLS = '.paddock/ci-tools'

await runCommand(
  'lint-workflows',
  { help: HELP, options: {}, words: 1, paths: ['words'] },
  async ({ words: [given = '.github'] }) => {
    for (const name of ['actionlint', 'zizmor']) {
      if (!existsSync(`${TOOLS}/${name}`)) {
        throw new SetupError(`Expected ${name} in ${TOOLS}, received nothing. Run \`npm run setup -- --ci-tools\`.`)
      }
    }
    const folder = resolve(given)
    const workflows = (await glob('workflows/*.{yml,yaml}', { cwd: folder })).sort()
    if (workflows.length === 0) throw new DataError(`Expected workflows in ${folder}/workflows, received none.`)
    const shell = $({ nothrow: true, quiet: true, cwd: folder })
    const tools = resolve(TOOLS)
    const found = await Promise.all([
      // without shellcheck and pyflakes, which not every machine has, so that the findings are the same everywhere
      shell`${tools}/actionlint -config-file actionlint.yaml -shellcheck= -pyflakes= ${workflows}`,
      shell`${tools}/zizmor --persona=auditor --offline --strict-collection --no-progress --color=never ${workflows}`,
    ])
    const faults = found.filter(({ exitCode }) => exitCode !== 0)
    for (const fault of faults) console.error(fault.stdall.trim())
    if (faults.length === 0) return 'actionlint and zizmor find nothing'
    throw new PaddockError('Expected workflows without findings, received those above. Fix them.')
  },
)
