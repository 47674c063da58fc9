import { readdir, readFile, readlink } from 'node:fs/promises'
import pMap from 'p-map'
import type { Clone } from './clone.ts'

/** Process ids of the trainings in a clone, those of its experiments included, or in another folder. */
export async function trainingsIn({ root }: Pick<Clone, 'root'>): Promise<number[]> {
  const found = await pMap(await readdir('/proc'), async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const isTraining = /(^|\/)node\0/.test(command) && command.includes('pipeline/train.ts')
    return isTraining && folder.startsWith(root) ? [Number(pid)] : []
  })
  return found.flat()
}
