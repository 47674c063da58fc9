/**
 * parity: compare the networks with Keras's, on files of weights that Keras writes; or look at images with official weights.
 *
 * usage   npm run parity -- [NETWORK …] | --official DIR | --help
 * reads   .paddock/bench-venv, which `node bench/peers/setup.mjs` makes
 * writes  docs/parity.md
 *
 * The comparison is no part of the program and is never imported by it, so it runs as one of its own.
 */
import { $ } from 'zx'
import { runScript } from '../src/core/stage.ts'

await runScript('parity', async () => {
  const parity = $({ stdio: 'inherit', nothrow: true })`node bench/parity/run.ts ${process.argv.slice(2)}`
  process.exitCode = (await parity).exitCode ?? 1
  return undefined
})
