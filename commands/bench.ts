/**
 * bench: measure paddock against its peers, in turns, and write bench/README.md.
 *
 * usage   npm run bench -- [NAME …] [--pairs 10] [--photographs DIR] | --help
 * reads   .paddock/bench-venv, which `node bench/peers/setup.mjs` makes
 * writes  bench/README.md, bench/turns.csv, bench/parts.csv
 *
 * The measurements are no part of the program and are never imported by it, so they run as one of their own.
 */
import { $ } from 'zx'
import { runScript } from '../src/core/stage.ts'

await runScript('bench', async () => {
  const bench = $({ stdio: 'inherit', nothrow: true })`node bench/run.ts ${process.argv.slice(2)}`
  process.exitCode = (await bench).exitCode ?? 1
  return undefined
})
