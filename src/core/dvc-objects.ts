import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { readText } from './files.ts'

/** MD5 of some content, as 32 hexadecimal digits. */
export function md5(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}

/** A file in a folder as DVC lists it; `relpath` is relative to the folder. */
export interface ListedFile {
  readonly relpath: string
  readonly md5: string
}

/** DVC's hash of a folder from those of its files, which are sorted by `byCodePoint`: MD5 of Python's `json.dumps` of the list. */
export function folderHash(files: readonly ListedFile[]): string {
  const list = files.map(({ relpath, md5 }) => `{"md5": "${md5}", "relpath": ${pythonString(relpath)}}`)
  return `${md5(`[${list.join(', ')}]`)}.dir`
}

/** Python's order of strings: by code point, which is the order of their UTF-8 bytes. JavaScript's `<` compares UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A string as Python's `json.dumps` writes it: everything but printable ASCII escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A setting of DVC, such as `dir` of `cache`, from the first of these that has it: `.dvc/config.local`, `.dvc/config`, the user's, the system's. */
export function dvcSetting(root: string, section: string, key: string): string | undefined {
  const { DVC_GLOBAL_CONFIG_DIR, DVC_SYSTEM_CONFIG_DIR, XDG_CONFIG_HOME, XDG_CONFIG_DIRS } = process.env
  const user = DVC_GLOBAL_CONFIG_DIR || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'dvc')
  const system = DVC_SYSTEM_CONFIG_DIR || join((XDG_CONFIG_DIRS || '/etc/xdg').split(':')[0] ?? '', 'dvc')
  const files = [
    join(root, '.dvc/config.local'),
    join(root, '.dvc/config'),
    join(user, 'config'),
    join(system, 'config'),
  ]
  const line = new RegExp(`^\\[${section}\\][^[]*?^\\s*${key}\\s*=\\s*(.+)$`, 'm')
  return files.flatMap((file) => line.exec(readText(file) ?? '')?.[1]?.trim() ?? [])[0]
}

/** The folder of DVC's cache. */
export function dvcCache(root: string): string {
  return resolve(root, '.dvc', dvcSetting(root, 'cache', 'dir') ?? 'cache')
}

/** Where a cache keeps the content of a hash; of a folder, the list of its files. */
export function objectPath(cache: string, hash: string): string {
  return join(cache, 'files/md5', hash.slice(0, 2), hash.slice(2))
}
