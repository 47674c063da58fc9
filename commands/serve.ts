/**
 * serve: answer requests over HTTP with the chosen model, or another; Ctrl-C ends it.
 *
 * reads   results/gate.json, artifacts/train/<config>/model/, artifacts/evaluate/<config>/calibration.json
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'

const HELP = `serve: answer requests over HTTP with the chosen model, or another

usage: npm run serve -- [options]
${CHOICE_HELP}
  without these        the model that the gate judges
  --port N             default: a free one
  --host ADDRESS       default: 127.0.0.1, this computer only
  --help               this text

  curl --data-binary @photo.jpg http://127.0.0.1:PORT/predict
  curl http://127.0.0.1:PORT/health`

const OPTIONS = { ...CHOICE_OPTIONS, port: { type: 'string' }, host: { type: 'string' } } as const

await runCommand('serve', { help: HELP, options: OPTIONS }, async ({ values }) => {
  const { serveModel } = await import('../src/predict/serve.ts') // loads TensorFlow
  return serveModel(await loadParams(), values)
})
