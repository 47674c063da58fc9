import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The JPEG files of a folder with one folder a class, in order. */
export async function listPhotographs(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true })
  const photographs = files.filter((file) => /[.]jpe?g$/i.test(file)).sort((a, b) => (a < b ? -1 : 1))
  return photographs.map((file) => join(folder, file))
}
