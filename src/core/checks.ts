/**
 * Checks that a stage reads what the stages before it wrote. DVC trusts its cache: a damaged object there is checked out,
 * trained on and pushed.
 *
 * dvc.lock has the hash of each output before DVC starts the next stage. Tables and models are compared with it before a stage
 * runs; each row of an array with its CRC in the table beside the array, when the row is first read (`openNpy`).
 */
import { readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { dependenciesOf } from './dependencies.ts'
import { byCodePoint, dvcCache, dvcSetting, folderHash, type ListedFile, md5, objectPath } from './dvc-objects.ts'
import { DataError } from './errors.ts'
import { contains, exists, listFiles, overlap, readText } from './files.ts'
import { paths } from './paths.ts'

/** An output as dvc.lock has it. */
interface LockedOut {
  readonly stage: string
  readonly path: string
  readonly md5: string
}

/**
 * Compares the outputs that a stage depends on with dvc.lock, if DVC runs the stage: a stage that is run by hand may read what
 * others, run by hand, wrote.
 *
 * @param stage `train@original-zero`
 * @throws DataError that names the damaged file
 */
export async function checkInputs(stage: string, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (environment.DVC_STAGE !== stage) return
  const dependencies = dependenciesOf(readText(paths.dvcYaml) ?? '', stage)
  const inputs = dependencies.filter((path) => path.startsWith('artifacts/'))
  for (const out of lockedOuts()) {
    if (!inputs.some((path) => overlap(path, out.path)) || !(await exists(out.path))) continue
    if (!isArray(out.path) && (await hashOf(out.path)) !== out.md5) throw await damagedFile(out.path, 'different bytes')
  }
}

/** Whether an output is read row by row, each row checked against its CRC. */
function isArray(path: string): boolean {
  return path.endsWith('.npy') || path === paths.images
}

/** The outputs in a dvc.lock. Reads the lines as DVC writes them: a YAML parser takes longer than all the checks. */
export function lockedOuts(text = readText(paths.dvcLock) ?? ''): LockedOut[] {
  const outs: LockedOut[] = []
  let [stage, list, path] = ['', '', '']
  for (const line of text.split('\n')) {
    const [, key, section, item, hash] =
      /^(?: {2}(\S+):| {4}(\w+):.*| {4}- path: (.+)| {6}md5: (\S+))$/.exec(line) ?? []
    stage = key ?? stage
    list = section ?? list
    path = item ?? path
    if (hash !== undefined && list === 'outs') outs.push({ stage, path, md5: hash })
  }
  return outs
}

/** The hash of a file or folder as dvc.lock has it. */
async function hashOf(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return md5(await readFile(path))
  return folderHash(await listFolder(path))
}

async function listFolder(folder: string): Promise<ListedFile[]> {
  const files = (await listFiles(folder)).map(({ path }) => path).filter((path) => path !== '.gitignore')
  return Promise.all(
    files.sort(byCodePoint).map(async (relpath) => ({ relpath, md5: md5(await readFile(join(folder, relpath))) })),
  )
}

/**
 * The error for a file that is not as its stage wrote it. If dvc.lock has the file, the message names its object in DVC's
 * cache, and one command that restores both: from the cache, from the remote or by running the stage.
 *
 * @param path of an output, or of a file in one
 * @param found end of the sentence `Expected … as its stage wrote it, received …`
 */
export async function damagedFile(path: string, found: string): Promise<DataError> {
  const place = relative('.', path)
  const out = lockedOuts().find((each) => contains(each.path, place))
  if (!out) return new DataError(`Expected ${path} as its stage wrote it, received ${found}. Run that stage again.`)
  const cache = dvcCache('.')
  const { file, hash } = await damagedPart(out, place, cache)
  const object = shown(objectPath(cache, hash))
  const state = (await isFile(object)) ? ((await isIntact(object, hash)) ? 'intact' : 'damaged too') : 'missing'
  const removed = [...(state === 'damaged too' ? [object] : []), out.path].map(quoted).join(' ')
  const pull = dvcSetting('.', 'core', 'remote') === undefined ? '' : '--pull '
  return new DataError(
    `Expected ${file} as ${out.stage} wrote it, received ${found}. Its object in DVC's cache, ${object}, is ${state}. Restore it with \`rm -rf ${removed} && npm run repro -- ${pull}${out.stage}\`, then run this again.`,
  )
}

/** The damaged file of an output, or the whole folder where the cache has no intact list of it, and its hash. */
async function damagedPart({ path, md5: hash }: LockedOut, place: string, cache: string) {
  const list = objectPath(cache, hash)
  const whole = { file: path, hash }
  if (!hash.endsWith('.dir') || !(await isFile(list)) || !(await isIntact(list, hash))) return whole
  const files = JSON.parse(await readFile(list, 'utf8')) as ListedFile[]
  const found = new Map((place === path ? await listFolder(path) : []).map((file) => [file.relpath, file.md5]))
  const damaged = files.find(({ relpath, md5 }) =>
    place === path ? found.get(relpath) !== md5 : `${path}/${relpath}` === place,
  )
  return damaged ? { file: `${path}/${damaged.relpath}`, hash: damaged.md5 } : whole
}

async function isIntact(object: string, hash: string): Promise<boolean> {
  return md5(await readFile(object)) === hash.replace('.dir', '')
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** A path relative to the current folder, if it lies below it. */
function shown(path: string): string {
  const below = relative('.', path)
  return below.startsWith('..') ? path : below
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
