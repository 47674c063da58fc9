import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestSet } from '../dataset/manifest.ts'

const TRAIN: ManifestSet = 'train'
const TEST: ManifestSet = 'test'

/**
 * Brings an unpacked archive into the layout of `data/`, and gives the folder that has it.
 *
 * A single folder around everything is taken off. Where there is no `train/`, the folders but `test/` are the classes of the
 * training set, and a `manifest.csv` beside them belongs to it.
 */
export async function arrangeImages(unpacked: string): Promise<string> {
  const folder = await insideOnlyFolder(unpacked)
  const entries = await visibleEntries(folder)
  if (entries.some(({ name }) => name === TRAIN)) return folder
  const training = entries.filter((entry) =>
    entry.isDirectory() ? entry.name !== TEST : entry.name === 'manifest.csv',
  )
  await mkdir(join(folder, TRAIN))
  for (const { name } of training) await rename(join(folder, name), join(folder, TRAIN, name))
  return folder
}

async function insideOnlyFolder(unpacked: string): Promise<string> {
  const [only, ...others] = await visibleEntries(unpacked)
  if (!only?.isDirectory() || others.length > 0 || only.name === TRAIN || only.name === TEST) return unpacked
  const inside = join(unpacked, only.name)
  const holdsFolders = (await visibleEntries(inside)).some((entry) => entry.isDirectory())
  return holdsFolders ? inside : unpacked
}

async function visibleEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter(({ name }) => !name.startsWith('.'))
}
