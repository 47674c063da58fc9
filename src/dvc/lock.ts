import { parse } from 'yaml'
import { messageOf } from '../core/errors.ts'
import { BrokenError, refuseConflicts } from './broken.ts'

/** What DVC noted of a dependency or an out. */
export interface LockedEntry {
  readonly path: string
  /** 32 hexadecimal digits, followed by `.dir` for a folder. */
  readonly md5?: string
  readonly size?: number
  /** Files of a folder. */
  readonly nfiles?: number
}

/** A stage as it last ran. */
export interface LockedStage {
  /** A line, or a list of them, as in dvc.yaml. */
  readonly cmd: unknown
  readonly deps: readonly LockedEntry[]
  /** Values by file, then by key, such as `models.original-zero`. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly outs: readonly LockedEntry[]
}

/** dvc.lock: the stages by name, such as `train@original-zero`. */
export type Lock = ReadonlyMap<string, LockedStage>

/**
 * Reads the text of a dvc.lock.
 *
 * The lists of dependencies and outs, nine lines of ten, are read by their form, as DVC writes it: a YAML parser takes a
 * second for fifty configurations. What has another form goes to the parser, as all the rest does.
 *
 * @throws BrokenError when it is not one
 */
export function parseLock(text: string, name = 'dvc.lock'): Lock {
  refuseConflicts(text, name)
  const blocks = text.split(STAGE)
  if (!HEAD.test(blocks[0] ?? '')) throw broken(name, `a file that begins with ${JSON.stringify(text.slice(0, 40))}`)
  const known = new Map<string, unknown>()
  const stages = blocks.slice(1).map((block): [string, LockedStage] => {
    try {
      return parseStage(block, known)
    } catch (error) {
      throw broken(name, `${block.split('\n')[0]}: ${messageOf(error).split('\n')[0]}`)
    }
  })
  return new Map(stages)
}

/** Between the stages, which stand two columns in. */
const STAGE = /^ {2}(?=[^\s#])/m
const HEAD = /^schema: '2\.0'\n(stages:\s*(\{\})?\s*)?$/
/** Between the keys of a stage, four columns in, and between the keys of a file of parameters, eight columns in. */
const KEY = /^ {4}(?=[^\s-])/m
const PARAMETER = /^ {8}(?=[^\s-])/m
const FILE = /^ {6}(?=[^\s-])/m

function parseStage(block: string, known: Map<string, unknown>): [string, LockedStage] {
  const [head = '', ...keys] = block.split(KEY)
  const [[name, rest] = ['', null]] = Object.entries(parseMap(head, known))
  if (rest !== null) throw new Error('not a stage')
  const sections = new Map(keys.map((section) => [section.slice(0, section.indexOf(':')), section]))
  const { cmd } = parseMap(sections.get('cmd') ?? '', known)
  if (cmd === undefined) throw new Error('a stage without cmd')
  return [
    name,
    {
      cmd,
      deps: parseEntries(sections.get('deps'), known),
      params: parseParams(sections.get('params'), known),
      outs: parseEntries(sections.get('outs'), known),
    },
  ]
}

const ENTRY =
  /^ {4}- path: ([\w./@-]+)\n(?: {6}hash: md5\n)? {6}md5: ([0-9a-f]{32}(?:\.dir)?)\n {6}size: (\d+)\n(?: {6}nfiles: (\d+)\n)?(?: {6}isexec: true\n)?/gm

function parseEntries(section: string | undefined, known: Map<string, unknown>): LockedEntry[] {
  if (section === undefined) return []
  const entries: LockedEntry[] = []
  const head = section.indexOf('\n') + 1
  let end = head
  for (const { 0: text, 1: path = '', 2: md5 = '', 3: size, 4: nfiles, index } of section.matchAll(ENTRY)) {
    if (index !== end) break
    end += text.length
    entries.push({ path, md5, size: Number(size), ...(nfiles === undefined ? {} : { nfiles: Number(nfiles) }) })
  }
  if (end === section.length) return entries
  const [list] = Object.values(parseMap(`    ${section}`, known))
  if (!Array.isArray(list)) throw new Error('not a list')
  return list.map((entry: unknown) => {
    if (typeof entry === 'object' && entry !== null && 'path' in entry) return entry as LockedEntry
    throw new Error('an entry without path')
  })
}

function parseParams(section: string | undefined, known: Map<string, unknown>): LockedStage['params'] {
  const [, ...files] = (section ?? '').split(FILE)
  return Object.fromEntries(
    files.map((file) => {
      const [head = '', ...values] = file.split(PARAMETER)
      const [[name, rest] = ['', null]] = Object.entries(parseMap(head, known))
      if (rest !== null && values.length === 0) return [name, rest as Record<string, unknown>] // `{}`
      return [name, Object.assign({}, ...values.map((value) => parseMap(`        ${value}`, known)))]
    }),
  )
}

/** Reads a piece that is a map; the same piece stands in the entry of every configuration, and is read once. */
function parseMap(text: string, known: Map<string, unknown>): Record<string, unknown> {
  if (!known.has(text)) known.set(text, parse(text))
  const value = known.get(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error('not a map')
}

function broken(name: string, received: string): BrokenError {
  return new BrokenError(
    `Expected ${name} as DVC writes it, received ${received}. Restore it from git, or run \`npm run repro\`.`,
  )
}
