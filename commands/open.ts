/**
 * open: show the page of the results in the browser, or say where it is.
 *
 * reads   artifacts/report/index.html
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { openPage } from '../src/command-line/open-page.ts'
import { paths } from '../src/core/paths.ts'
import { describeOutdated } from '../src/dvc/outdated.ts'

const HELP = `open: show the page of the results in the browser, or say where it is

usage: npm run open`

await runCommand('open', { help: HELP, options: {} }, () => {
  const outdated = describeOutdated('the page', paths.report, 'index.html')
  if (outdated) console.error(`open: ${outdated}`)
  return openPage(paths.page)
})
