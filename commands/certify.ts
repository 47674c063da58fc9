/**
 * certify: train the chosen configuration again, apart from the checkout, and say whether it comes out identical.
 *
 * usage   npm run certify [-- --help]
 * reads   results/certificate.json, params.yaml, data.dvc, test-set.csv, artifacts/fetch/manifest.csv, artifacts/split/, artifacts/augment/,
 *         artifacts/train/<config>/ to say where a file differs, and whether the training was ended by hand
 * writes  nothing but a temporary folder, which it removes
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { runScript } from '../src/core/stage.ts'
import { readPin } from '../src/dataset/pin.ts'

const HELP = `certify: train the configuration of results/certificate.json again, and say whether it comes out identical

usage: npm run certify

Trains from the images in artifacts/augment, in a temporary folder: checkpoints, features and the checkout stay as they are.
A training that \`npm run finish\` ended is ended after the same epoch.
Ends with 1 where a file differs, and says in which layer, key or line first.`

await runScript('certify', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: {}, words: 0 })
  if (!given) return undefined
  const { certify } = await import('../src/review/certify.ts')
  return certify((await readPin()).md5)
})
