import { readdir, readFile, readlink } from 'node:fs/promises'
import pMap from 'p-map'
import type { Clone } from './clone.ts'

/** Numbers of the processes that train in a clone. */
export async function trainingsIn({ root }: Clone): Promise<number[]> {
  const found = await pMap(await readdir('/proc'), async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const isTraining = command.startsWith('node\0') && command.includes('pipeline/train.ts')
    return isTraining && folder === root ? [Number(pid)] : []
  })
  return found.flat()
}
