import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isSection } from '../config/section.ts'
import { cacheFolder, paths } from '../core/paths.ts'
import { COPIES } from '../dvc/experiment-copies.ts'
import { valueAt } from '../dvc/values.ts'
import { readValues } from '../dvc/workspace.ts'

/** What goes when it is asked for alone; models of configurations that are no more always go. */
export const ASKED = ['copies', 'checkpoints', 'features', 'pixels'] as const

/** Something beside DVC's cache that takes room. */
export interface Leftover {
  readonly kind: 'models' | (typeof ASKED)[number]
  readonly what: string
  readonly path: string
  readonly bytes: number
}

/** Folders of this machine, each named by a variable or in the cache. */
const FOLDERS = [
  { kind: 'checkpoints', variable: 'PADDOCK_CHECKPOINTS', what: 'checkpoints of trainings' },
  { kind: 'features', variable: 'PADDOCK_FEATURES', what: 'features of frozen backbones' },
  { kind: 'pixels', variable: 'PADDOCK_PIXELS', what: 'decoded images' },
] as const

/** What is there of models of configurations that are no more, copies of experiments, checkpoints, features and images. */
export async function listLeftovers(environment: NodeJS.ProcessEnv = process.env): Promise<Leftover[]> {
  const models = valueAt(readValues('.', paths.params), 'models')
  const old = await Promise.all(
    [paths.trainAll, paths.evaluateAll, paths.runs].map(async (folder) => {
      const names = (await entriesOf(folder)).filter((name) => name !== '.gitignore')
      return names
        .filter((name) => isSection(models) && !Object.hasOwn(models, basename(name, '.json')))
        .map((name) => join(folder, name))
    }),
  )
  const found = [
    ...old.flat().map((path) => ({ kind: 'models' as const, what: `${path}, of no configuration`, path })),
    { kind: 'copies' as const, what: 'temporary copies of experiments', path: COPIES },
    ...FOLDERS.map(({ kind, variable, what }) => {
      const path = environment[variable] || join(cacheFolder(environment), kind)
      return { kind, what: `${what}, ${path}`, path }
    }),
  ]
  const sized = await Promise.all(found.map(async (each) => ({ ...each, bytes: await readSize(each.path) })))
  return sized.filter(({ bytes }) => bytes > 0)
}

async function entriesOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

/** Bytes of a file, or of all files below a folder; links count as nothing. */
async function readSize(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined)
  if (!entry?.isDirectory()) return entry?.size ?? 0
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
