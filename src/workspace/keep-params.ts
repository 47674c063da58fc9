import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { isAtHead } from '../git/read.ts'

const KEPT = '.paddock/params-before-use'

/**
 * Does work that replaces params.yaml; a copy of the old one stays where git does not have it, beside the copies before.
 *
 * @returns what the work gave, and the copy's path
 */
export async function keepingParams<T>(text: string, work: () => Promise<T>): Promise<[T, kept: string | undefined]> {
  const kept = (await isLost(text)) ? await copyParams() : undefined
  try {
    return [await work(), kept]
  } catch (error) {
    if (kept !== undefined) await rm(kept) // params.yaml is back
    throw error
  }
}

/** Whether params.yaml is gone for good when it becomes `text`. */
async function isLost(text: string): Promise<boolean> {
  if (!(await exists(paths.params)) || (await readFile(paths.params, 'utf8')) === text) return false
  return !(await isAtHead(paths.params))
}

/** Copies params.yaml to the first name that is free, and gives that. */
async function copyParams(number = 1): Promise<string> {
  const path = number === 1 ? `${KEPT}.yaml` : `${KEPT}-${number}.yaml`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(path, await readFile(paths.params), { flag: 'wx' })
    return path
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return copyParams(number + 1)
  }
}
