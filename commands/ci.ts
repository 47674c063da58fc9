/**
 * ci: one step of a workflow. All input comes from environment variables and is validated first; docs/github.md lists inputs,
 * outputs and permissions.
 *
 * reads   GitHub's environment variables, params.yaml, dvc.lock, the remote; publish-review reads commits only
 * writes  the job summary, outputs of the step, and what the step does
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { ConfigError } from '../src/core/errors.ts'
import { runScript } from '../src/core/script.ts'

const STEPS: Readonly<Record<string, { does: string; run: () => Promise<string> }>> = {
  plan: {
    does: 'push the data, output the stale configurations as a matrix',
    run: async () => (await import('../src/github/train.ts')).plan(),
  },
  'train-one': {
    does: 'train, evaluate and push one entry of the matrix',
    run: async () => (await import('../src/github/train.ts')).trainOne(),
  },
  'push-one': {
    does: 'push that entry again, with fresh keys',
    run: async () => (await import('../src/github/train.ts')).pushOne(),
  },
  collect: {
    does: 'restore what was trained, report, commit, set a check run',
    run: async () => (await import('../src/github/collect.ts')).collect(),
  },
  'publish-review': {
    does: 'review a pull request in a comment and a check run',
    run: async () => (await import('../src/github/publish-review.ts')).publishReview(),
  },
  certify: {
    does: 'train a configuration again and compare its bytes',
    run: async () => (await import('../src/github/train.ts')).certifyOne(),
  },
  release: {
    does: 'publish a tag with the chosen model, its card and the page',
    run: async () => (await import('../src/github/release.ts')).release(),
  },
}

const NAMES = Object.keys(STEPS).join(', ')

const HELP = `usage: npm run ci -- STEP

Runs one step of a workflow. All input comes from environment variables; see
docs/github.md.

${Object.entries(STEPS)
  .map(([name, { does }]) => `  ${name.padEnd(16)}${does}`)
  .join('\n')}
  ${'--help'.padEnd(16)}this text`

const args = process.argv.slice(2)
const [name = ''] = args
const step = args.length === 1 && Object.hasOwn(STEPS, name) ? STEPS[name] : undefined

await runScript(step ? name : 'ci', async () => {
  if (step) return step.run()
  if (!readArguments(args, { help: HELP, options: {}, words: 1 })) return undefined
  throw new ConfigError(`Expected one of ${NAMES}, received ${name || 'nothing'}. See \`npm run ci -- --help\`.`)
})
