import { mkdir, rename } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { listFiles } from '../core/files.ts'
import type { ManifestSet } from '../dataset/manifest.ts'
import { ORIGINS_FILE, readOriginsIn, writeOrigins } from './layout.ts'

/** Where the files of a folder belong below `data/`. */
export interface Arrangement {
  /** By path in the folder: `train/<label>/…` or `test/…`, no two the same. Files that belong nowhere are not among them. */
  readonly ids: ReadonlyMap<string, string>
  /** Folders whose `manifest.csv` names origins: where everything is, and each set's. */
  readonly originFolders: readonly string[]
  /** The folder around everything, which is left out, with a `/` at its end; else empty. */
  readonly around: string
  /** What was taken for what; undefined for a plain folder of classes. */
  readonly note: string | undefined
}

type Kind = 'training' | 'validation' | 'test'

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^train(ing)?([ _-]?set)?$/i, 'training'],
  [/^val(id(ation)?)?([ _-]?set)?$/i, 'validation'],
  [/^test(ing)?([ _-]?set)?$/i, 'test'],
]

/** What a folder of that name holds, where data sets come in three parts. */
export function kindOf(name: string): Kind | undefined {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1]
}

/**
 * Recognizes the layouts that data sets come in.
 *
 * Class folders are the training set. Folders named like `train`, `val` and `test` are sets, not classes: train and validation
 * become the training set, since split draws its own validation. One folder around everything, or around everything in a set,
 * is left out.
 *
 * @param paths of all files, with `/`
 * @param classes known ones, which are no folder around everything and no set
 */
export function arrange(paths: readonly string[], classes: readonly string[] = []): Arrangement {
  const around = folderAround(paths, (name) => classes.includes(name) || kindOf(name) !== undefined)
  const inside = paths.filter((path) => path.startsWith(around)).map((path) => path.slice(around.length))
  const folders = Map.groupBy(inside.filter(isInFolder), (path) => path.split('/', 1)[0] ?? '')
  const sets = findSets(folders, classes)
  const isInSets = [...sets.values()].includes('training')
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  const place = (path: string, wanted: string) => {
    const id = freePath(wanted, taken)
    taken.add(id)
    ids.set(around + path, id)
  }
  if (!isInSets && inside.includes(ORIGINS_FILE)) place(ORIGINS_FILE, `train/${ORIGINS_FILE}`)
  for (const [name, files] of folders) {
    const kind = sets.get(name)
    if (kind === undefined && isInSets) continue
    const start = kind === undefined ? '' : `${name}/`
    const below = files.map((path) => path.slice(start.length))
    const skipped = kind === undefined ? 0 : folderAround(below, (inner) => classes.includes(inner)).length
    const set: ManifestSet = kind === 'test' ? 'test' : 'train'
    for (const path of below) place(start + path, `${set}/${path.slice(skipped)}`)
  }
  const note = describeSets(sets)
  return { ids, around, originFolders: [around, ...[...sets.keys()].map((name) => `${around}${name}/`)], note }
}

/** The sets among folders, by name. Beside class folders, `train` may be a class: of railways. */
function findSets(folders: ReadonlyMap<string, readonly string[]>, classes: readonly string[]): Map<string, Kind> {
  const named = [...folders].flatMap(([name, files]) => {
    const kind = classes.includes(name) ? undefined : kindOf(name)
    return kind === undefined ? [] : [{ name, kind, holdsClasses: files.some((path) => path.split('/').length > 2) }]
  })
  const areAll = named.length === folders.size
  const sets = named.filter(({ kind, holdsClasses }) => areAll || holdsClasses || kind === 'test')
  return new Map(sets.map(({ name, kind }) => [name, kind]))
}

function describeSets(sets: ReadonlyMap<string, Kind>): string | undefined {
  const named = (kinds: readonly Kind[]) =>
    [...sets].flatMap(([name, kind]) => (kinds.includes(kind) ? [`${name}/`] : [])).sort()
  const [training, test] = [named(['training', 'validation']), named(['test'])]
  const notes = [
    ...(training.length > 0
      ? [`${training.join(' and ')} ${training.length > 1 ? 'are' : 'is'} the training set`]
      : []),
    ...(test.length > 0 ? [`${test.join(' and ')} ${test.length > 1 ? 'are' : 'is'} the test set`] : []),
  ]
  if (notes.length === 0) return undefined
  return `${notes.join(', ')}${named(['validation']).length > 0 ? '; split draws its own validation' : ''}`
}

/** The single folder that holds all others, with a `/` at its end; empty where there is none, or its name means something. */
function folderAround(paths: readonly string[], isMeant: (name: string) => boolean): string {
  const visible = paths.filter((path) => !path.startsWith('.'))
  const [name = ''] = visible[0]?.split('/') ?? []
  if (isMeant(name)) return ''
  const isAround =
    visible.every((path) => path.startsWith(`${name}/`)) && visible.some((path) => path.split('/').length > 2)
  return isAround ? `${name}/` : ''
}

function isInFolder(path: string): boolean {
  return path.includes('/') && !path.startsWith('.')
}

/** The path, or when it is taken the next free one with a number: `cat/1-2.jpg`. */
export function freePath(path: string, taken: { has(path: string): boolean }): string {
  const { dir, name, ext } = posix.parse(path)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : posix.join(dir, `${name}-${number}${ext}`)
    if (!taken.has(candidate)) return candidate
  }
}

/**
 * Moves unpacked files into a new folder with the layout of `data/`. What belongs nowhere in it stays at its path, and is
 * refused later; origins of several folders are joined.
 *
 * @returns the folder, and what was taken for what
 */
export async function arrangeImages(unpacked: string): Promise<{ folder: string; note: string | undefined }> {
  const paths = (await listFiles(unpacked)).map(({ path }) => path).sort()
  const { ids, around, originFolders, note } = arrange(paths)
  const isOrigins = (path: string) => originFolders.some((folder) => path === folder + ORIGINS_FILE)
  const origins = new Map<string, string>()
  if (paths.filter(isOrigins).length > 1) {
    for (const folder of originFolders) {
      for (const [path, source] of await readOriginsIn(join(unpacked, folder))) {
        const id = ids.get(folder + path)
        if (id !== undefined) origins.set(id, source)
      }
    }
  }
  const folder = `${unpacked}-arranged`
  for (const path of paths.filter((each) => each.startsWith(around))) {
    if (origins.size > 0 && isOrigins(path)) continue
    const to = join(folder, ids.get(path) ?? path.slice(around.length))
    await mkdir(dirname(to), { recursive: true })
    await rename(join(unpacked, path), to)
  }
  for (const set of ['train', 'test'] as const) if (origins.size > 0) await writeOrigins(folder, set, origins)
  return { folder, note }
}
