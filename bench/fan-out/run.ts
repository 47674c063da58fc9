/**
 * Measures many configurations on many workers: total time, the collector's cost, requests and bytes.
 *
 * usage   node bench/fan-out/run.ts [--configurations 24] [--workers 8,1] [--wait 20]
 * needs   npm run setup -- --ci-tools
 *
 * Plan, workers and collector run the DVC commands of `npm run ci`, each in its own clone with its own DVC cache, against one S3
 * server on loopback. Training is a wait of known length.
 */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { startS3 } from '../../test/support/s3.ts'
import { S3_KEYS } from '../../test/support/s3-request.ts'
import { startCountingProxy, type Traffic } from './counting-proxy.ts'
import { makeProject } from './project.ts'

const { values } = parseArgs({
  options: {
    configurations: { type: 'string', default: '24' },
    workers: { type: 'string', default: '8,1' },
    wait: { type: 'string', default: '20' },
  },
})
const dvc = resolve('.venv/bin/dvc')
const env = { ...S3_KEYS, AWS_DEFAULT_REGION: 'us-east-1', DVC_NO_ANALYTICS: '1', PYTHONDONTWRITEBYTECODE: '' }
const configurations = Array.from(
  { length: Number(values.configurations) },
  (_, index) => `c${String(index).padStart(3, '0')}`,
)
console.log(
  `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${configurations.length} configurations, wait ${values.wait} s`,
)

for (const workers of values.workers.split(',').map(Number)) {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-fan-out-'))
  const s3 = await startS3('bucket')
  const proxy = await startCountingProxy(s3.endpoint)
  try {
    const origin = join(folder, 'project')
    const remote = { url: 's3://bucket/cache', endpoint: proxy.url }
    await makeProject(origin, dvc, { configurations, waitSeconds: Number(values.wait), remote })
    const start = performance.now()
    await measured(workers, 'plan', proxy.take, () =>
      inClone(origin, join(folder, 'plan'), [
        ['repro', '--quiet', '--pull', 'augment'],
        ['push', '--quiet', '--run-cache', '--with-deps', 'augment'],
      ]),
    )
    await measured(workers, 'train', proxy.take, async () => {
      const queue = [...configurations]
      const work = async () => {
        for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
          await inClone(origin, join(folder, name), [
            ['repro', '--quiet', '--pull', `evaluate@${name}`],
            ['push', '--quiet', '--run-cache', `train@${name}`, `evaluate@${name}`],
          ])
        }
      }
      await Promise.all(Array.from({ length: workers }, work))
    })
    const log = await measured(workers, 'collect', proxy.take, () =>
      inClone(origin, join(folder, 'collect'), [['repro', '--pull']]),
    )
    console.log(`${workers} workers, total ${((performance.now() - start) / 1000).toFixed(0)} s`)
    const trained = log.match(/^Running stage 'train@/gm)?.length ?? 0
    if (trained > 0) throw new Error(`Expected the collector to train nothing, received ${trained} trainings.`)
  } finally {
    proxy.close()
    await s3.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs DVC commands in a fresh clone, which it removes, and returns their output. */
async function inClone(origin: string, folder: string, commands: readonly (readonly string[])[]): Promise<string> {
  await execa('git', ['clone', '--quiet', origin, folder])
  const outputs: string[] = []
  for (const args of commands) outputs.push((await execa(dvc, args, { cwd: folder, env })).stdout)
  await rm(folder, { recursive: true, force: true })
  return outputs.join('\n')
}

async function measured<T>(workers: number, step: string, take: () => Traffic, work: () => Promise<T>): Promise<T> {
  take()
  const start = performance.now()
  const processorStart = childrenSeconds()
  const result = await work()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const processor = (childrenSeconds() - processorStart).toFixed(1)
  const { requests, methods, bytesUp, bytesDown } = take()
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  console.log(
    `${workers} workers, ${step}: ${seconds} s, of processors ${processor} s, ${requests} requests ${JSON.stringify(methods)}, ${megabytes(bytesUp)} up, ${megabytes(bytesDown)} down, load ${loadavg()[0]?.toFixed(1)}`,
  )
  return result
}

/** Processor time of all ended children and their descendants, in seconds. */
function childrenSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}
