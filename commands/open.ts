/**
 * open: show the page of the results in the browser, or say where it is.
 *
 * usage   npm run open
 * reads   artifacts/report/index.html
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { openPage } from '../src/command-line/open-page.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/stage.ts'

const HELP = `open: show the page of the results in the browser, or say where it is

usage: npm run open`

await runScript('open', async () => {
  if (!readArguments(process.argv.slice(2), { help: HELP, options: {}, words: 0 })) return undefined
  return openPage(paths.page)
})
