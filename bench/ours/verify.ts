/**
 * Processor time of `npm run verify`, npm itself left out, on this checkout with many configurations: median of some runs.
 *
 * usage   node bench/ours/verify.ts [CONFIGURATIONS] [RUNS]
 */
import { execaNode } from 'execa'
import { cloneCheckout } from '../../test/support/clone.ts'
import { multiplyConfigurations } from '../../test/support/many-configurations.ts'

const [configurations = 50, runs = 11] = process.argv.slice(2).map(Number)
const REPORT =
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1e6) })'

const clone = await cloneCheckout()
try {
  await multiplyConfigurations(clone.root, configurations)
  const seconds: number[] = []
  for (let run = 0; run <= runs; run++) {
    const { stdout, stderr, exitCode } = await execaNode('commands/verify.ts', {
      cwd: clone.root,
      nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`],
      reject: false,
    })
    if (run === 0) console.log(`exit code ${exitCode}: ${stdout}\nfirst run: ${stderr} s`)
    else seconds.push(Number(stderr.trim().split('\n').at(-1)))
  }
  seconds.sort((a, b) => a - b)
  const [least, middle, most] = [seconds[0], seconds[Math.floor(runs / 2)], seconds.at(-1)]
  console.log(`${configurations} configurations: ${middle} s of a processor, median of ${runs} (${least} to ${most})`)
} finally {
  await clone.remove()
}
