import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A GPU, as far as its driver tells. */
export interface Gpu {
  readonly name?: string
  readonly memoryMiB?: number
  /** Version of the driver and of its library. */
  readonly driver?: string
}

/** The first GPU of this machine; empty where no driver answers. */
export async function describeGpu(): Promise<Gpu> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits']
  const { stdout } = await promisify(execFile)('nvidia-smi', query).catch(() => ({ stdout: '' }))
  const [, name, memory, driver] = /^(.+), (\d+), (.+)$/m.exec(stdout) ?? []
  return name === undefined || driver === undefined ? {} : { name, memoryMiB: Number(memory), driver }
}
