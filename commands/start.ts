/**
 * start: the whole pipeline, the verdict of its gate, where to read the results, and what to do next.
 *
 * usage   npm start, which runs set-up first
 */
import { runScript } from '../src/core/script.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { describeOutcome } from '../src/gate/verdict.ts'

const NEXT = `
Next:
  npm run open                        the results in the browser
  npm run predict -- data/test        the class of each image; right for images like those in data/train only
  npm run use -- folder --data DIR    your own images: a folder for each class`

await runScript('repro', () => reproduce([]))
if (!process.exitCode) await runScript('start', describeOutcome)
if (!process.exitCode) console.log(NEXT)
