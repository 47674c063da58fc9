import { execa, execaSync } from 'execa'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'

/** A file in a commit. */
interface Entry {
  readonly path: string
  /** Hash of the blob. */
  readonly object: string
}

/** Far above any text that a person reviews. */
const MAX_FILE_BYTES = 32 * 2 ** 20
const SHA = /^[0-9a-f]{40,64}$/

/** @throws ConfigError unless the folder is in a git repository that git reads; says what to do */
export async function requireRepository(folder = '.'): Promise<void> {
  try {
    await execa('git', ['rev-parse', '--git-dir'], { cwd: folder, stdin: 'ignore' })
  } catch (error) {
    throw repositoryFault(error) ?? error
  }
}

/** The error to report where git does not read a repository; undefined for any other failure of git. */
export function repositoryFault(error: unknown): ConfigError | undefined {
  const text = messageOf(error)
  const [, foreign] = /detected dubious ownership in repository at '(.+)'/.exec(text) ?? []
  if (foreign !== undefined) {
    return new ConfigError(
      `Expected a checkout of this user, received ${foreign} of another, which git does not read. Run \`git config --global --add safe.directory ${foreign}\`.`,
    )
  }
  if (!text.includes('not a git repository')) return undefined
  return new ConfigError(
    'Expected a git repository, received a folder without one, such as a ZIP download. Run `git init`, or clone the project with git.',
  )
}

/**
 * The hash of a commit, branch or tag. A name with a leading hyphen is never taken as an option.
 *
 * @throws ConfigError if it does not exist
 */
export async function resolveCommit(name: string): Promise<string> {
  const wanted = `${name}^{commit}`
  // An argument cannot contain NUL.
  const found = name.includes('\0')
    ? undefined
    : await execa('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', wanted], {
        reject: false,
        stdin: 'ignore',
      })
  const sha = found?.stdout.split('\n').find((line) => SHA.test(line))
  if (found?.exitCode === 0 && sha !== undefined) return sha
  await requireRepository()
  throw new ConfigError(
    `Expected a commit, branch or tag of this repository, received ${JSON.stringify(name)}. Fetch it, or name another.`,
  )
}

/** Whether a file is the same as in HEAD; false outside a repository. */
export async function isAtHead(path: string): Promise<boolean> {
  const ask = (...args: string[]) => execa('git', args, { reject: false, stdin: 'ignore' })
  const [committed, here] = await Promise.all([
    ask('rev-parse', '--verify', '--quiet', '--end-of-options', `HEAD:./${path}`),
    ask('hash-object', '--', path),
  ])
  return committed.exitCode === 0 && here.exitCode === 0 && committed.stdout === here.stdout
}

/** The files of a commit or a folder, by relative path. */
export interface FileTree {
  /** The bytes of a file; undefined where there is none. */
  read(path: string): Buffer | undefined
  /** The files below a folder, relative to it; undefined where there is none. */
  list(folder: string): string[] | undefined
}

/**
 * Opens the files of a commit. Nothing is checked out, no filter of the repository runs, and no file outside of git is read.
 *
 * Reads synchronously, a folder at once. Reading throws DataError for a link, which may point anywhere, and for a file above
 * 32 MiB.
 *
 * @param commit a hash, from `resolveCommit`
 */
export function openTree(commit: string): FileTree {
  const listing = runGit(['ls-tree', '-r', '-l', '-z', '--full-tree', commit]).toString('utf8')
  const lines = listing.split('\0').filter((line) => line !== '')
  const lineOf = new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line]))
  const contents = new Map<string, Buffer>()
  const load = (paths: readonly string[]) => {
    const entries = paths.filter((path) => !contents.has(path)).map((path) => parseEntry(lineOf.get(path) ?? ''))
    const objects = readObjects(entries.map(({ object }) => object))
    for (const [index, { path }] of entries.entries()) contents.set(path, objects[index] as Buffer)
  }
  return {
    read(path) {
      if (!lineOf.has(path)) return undefined
      load([path])
      return contents.get(path)
    },
    list(folder) {
      const paths = [...lineOf.keys()].filter((path) => path.startsWith(`${folder}/`))
      if (paths.length === 0) return undefined
      load(paths)
      return paths.map((path) => path.slice(folder.length + 1))
    },
  }
}

/** The newest common ancestor of two commits; undefined if there is none. */
export async function mergeBase(first: string, second: string): Promise<string | undefined> {
  const { exitCode, stdout } = await execa('git', ['merge-base', first, second], { reject: false, stdin: 'ignore' })
  return exitCode === 0 ? stdout.trim() : undefined
}

/** `100644 blob <hash> <size>\t<path>` */
function parseEntry(line: string): Entry {
  const tab = line.indexOf('\t')
  const [mode = '', kind, object = '', size] = line.slice(0, tab).split(/ +/)
  const path = line.slice(tab + 1)
  if (kind !== 'blob' || !mode.startsWith('100')) {
    throw new DataError(
      `Expected ${JSON.stringify(path)} in git to be a file, received a link. Commit the file itself instead.`,
    )
  }
  if (Number(size) <= MAX_FILE_BYTES) return { path, object }
  throw new DataError(
    `Expected ${JSON.stringify(path)} in git to have at most ${MAX_FILE_BYTES} bytes, received ${size}. Run \`npm run repro\` and commit its changes.`,
  )
}

/** The contents of blobs, read by one git process. */
function readObjects(objects: readonly string[]): Buffer[] {
  if (objects.length === 0) return []
  const bytes = runGit(['cat-file', '--batch'], objects.map((object) => `${object}\n`).join(''))
  let start = 0
  return objects.map(() => {
    const content = bytes.indexOf('\n', start) + 1
    const length = Number(bytes.toString('latin1', start, content).split(' ')[2]) // `<hash> blob <bytes>`
    start = content + length + 1
    return bytes.subarray(content, content + length)
  })
}

function runGit(args: readonly string[], input = ''): Buffer {
  try {
    const env = { GIT_NO_LAZY_FETCH: '1' } // missing objects are not fetched
    const options = { env, input, encoding: 'buffer', stripFinalNewline: false, maxBuffer: 2 ** 30 } as const
    return Buffer.from(execaSync('git', args, options).stdout)
  } catch (error) {
    const fault = repositoryFault(error)
    if (fault) throw fault
    throw new DataError(`Git cannot read the repository: ${oneLine(messageOf(error))}.`, {
      cause: error,
    })
  }
}

/** The files below some paths that differ between two commits. */
export function changedFiles(before: string, after: string, below: readonly string[]): string[] {
  const listed = runGit(['diff', '--name-only', '--no-renames', '--no-ext-diff', '-z', before, after, '--', ...below])
  return listed
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '')
}

/** A message on one line, without its final full stop. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
}
