/**
 * start: the whole pipeline, the verdict of its gate, where to read the results, and what to do next.
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { runScript } from '../src/core/script.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { describeOutcome } from '../src/gate/verdict.ts'

const HELP = `usage: npm start

Installs what is missing, runs what changed in the pipeline, and says whether
the gate is passed. Later: npm run repro, which takes stages and options.`

const NEXT = `
Next:
  npm run open                        the results in the browser
  npm run predict -- data/test        the class of each image; right for images like those in data/train only
  npm run use -- folder --data DIR    your own images: a folder for each class`

let isAsked = false
await runScript('start', async () => {
  isAsked = readArguments(process.argv.slice(2), { help: HELP, options: {} }) !== undefined
  return undefined
})
if (isAsked) {
  await runScript('repro', () => reproduce([]))
  if (!process.exitCode) await runScript('start', describeOutcome)
  if (!process.exitCode) console.log(NEXT)
}
