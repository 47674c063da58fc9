import { parse } from 'yaml'
import { isSection } from '../config/section.ts'
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
 * It is read by its form, as DVC writes it: a YAML parser takes a second for fifty configurations. A file of another form
 * goes to the parser.
 *
 * @throws BrokenError when it is not one
 */
export function parseLock(text: string, name = 'dvc.lock'): Lock {
  refuseConflicts(text, name)
  try {
    return parseQuickly(text) ?? parseWhole(text)
  } catch (error) {
    throw new BrokenError(
      `Expected ${name} as DVC writes it, received: ${messageOf(error).split('\n')[0]}. Restore it from git, or run \`npm run repro\`.`,
    )
  }
}

function parseWhole(text: string): Lock {
  const content = parse(text) as unknown
  if (!isSection(content) || content.schema !== '2.0') throw new Error('no schema 2.0')
  const stages = content.stages ?? {}
  if (!isSection(stages)) throw new Error('no stages')
  const entries = Object.entries(stages).map(([name, stage]): [string, LockedStage] => {
    const { cmd, deps = [], params = {}, outs = [] } = isSection(stage) ? stage : {}
    if (!isCommand(cmd) || !Array.isArray(deps) || !Array.isArray(outs)) throw new Error(`${name} is not a stage`)
    if (![...deps, ...outs].every(isEntry)) throw new Error(`an entry of ${name} without path`)
    if (!isSection(params) || !Object.values(params).every(isSection)) throw new Error(`params of ${name}`)
    return [name, { cmd, deps, params: params as LockedStage['params'], outs }]
  })
  return new Map(entries)
}

function isCommand(cmd: unknown): boolean {
  return typeof cmd === 'string' || (Array.isArray(cmd) && cmd.every((line) => typeof line === 'string'))
}

function isEntry(entry: unknown): entry is LockedEntry {
  return isSection(entry) && typeof entry.path === 'string'
}

/** The stages of a text in the form that DVC gives it; nothing where it has another. */
function parseQuickly(text: string): Lock | undefined {
  const blocks = text.split(STAGE)
  if (!HEAD.test(blocks[0] ?? '')) return undefined
  const known: Known = new Map()
  try {
    return new Map(blocks.slice(1).map((block) => parseStage(block, known)))
  } catch {
    return undefined
  }
}

/** Between the stages, which stand two columns in. */
const STAGE = /^ {2}(?=[^\s#])/m
const HEAD = /^schema: '2\.0'\n(stages:\s*(\{\})?\s*)?$/
/** Between the keys of a stage, four columns in, and between the keys of a file of parameters, eight columns in. */
const KEY = /^ {4}(?=[^\s-])/m
const PARAMETER = /^ {8}(?=[^\s-])/m
const FILE = /^ {6}(?=[^\s-])/m

/** What pieces of text were read for: the same ones stand in the entry of every configuration. */
type Known = Map<string, unknown>

function parseStage(block: string, known: Known): [string, LockedStage] {
  const [head = '', ...keys] = block.split(KEY)
  const [name, rest] = parsePair(head, known)
  if (rest !== null) throw new Error('not a stage')
  const sections = new Map(keys.map((section) => [section.slice(0, section.indexOf(':')), section]))
  const [, cmd] = parsePair(sections.get('cmd') ?? '', known)
  if (!isCommand(cmd)) throw new Error('not a command')
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
  /^path: ([\w./@-]+)\n(?: {6}hash: md5\n)? {6}md5: ([0-9a-f]{32}(?:\.dir)?)\n {6}size: (\d+)\n?(?: {6}nfiles: (\d+)\n?)?(?: {6}isexec: true\n?)?$/

function parseEntries(section: string | undefined, known: Known): LockedEntry[] {
  const [, ...items] = (section ?? '').split('\n    - ')
  if (section !== undefined && items.length === 0 && !section.endsWith(': []\n')) throw new Error('no list')
  return items.map((item) => {
    const entry = (known.get(item) as LockedEntry | undefined) ?? parseEntry(item)
    known.set(item, entry)
    return entry
  })
}

function parseEntry(item: string): LockedEntry {
  const { 1: path, 2: md5 = '', 3: size, 4: nfiles } = ENTRY.exec(item) ?? []
  if (path !== undefined) {
    return { path, md5, size: Number(size), ...(nfiles === undefined ? {} : { nfiles: Number(nfiles) }) }
  }
  const entry = parse(`      ${item}`) as unknown
  if (isEntry(entry)) return entry
  throw new Error('an entry without path')
}

function parseParams(section: string | undefined, known: Known): LockedStage['params'] {
  const [, ...files] = (section ?? '').split(FILE)
  return Object.fromEntries(
    files.map((file) => {
      const [head = '', ...values] = file.split(PARAMETER)
      const [name, rest] = parsePair(head, known)
      if (rest !== null && !isSection(rest)) throw new Error(`no parameters of ${name}`)
      return [name, { ...rest, ...Object.fromEntries(values.map((value) => parsePair(value, known))) }]
    }),
  )
}

const PAIR = /^([\w./@-]+):(?=\s)/
const WORDS = /^ ([A-Za-z]\w*(?: +[\w./-]+)+) ?(?:\n {6}([\w./-]+))?\n$/

/** Reads a key and its value, which stand alone in a piece of text. */
function parsePair(text: string, known: Known): readonly [string, unknown] {
  const key = PAIR.exec(text)?.[1]
  if (key === undefined) return onlyEntry(parse(text))
  const value = text.slice(key.length + 1)
  if (!known.has(value)) known.set(value, parseValue(value))
  return [key, known.get(value)]
}

/** A command is read by its form too, a hundred of them. */
function parseValue(text: string): unknown {
  const [, words, more] = WORDS.exec(text) ?? []
  if (words === undefined) return text.trim() === '' ? null : (parse(text) as unknown)
  return more === undefined ? words : `${words} ${more}`
}

function onlyEntry(content: unknown): readonly [string, unknown] {
  const [entry, ...more] = isSection(content) ? Object.entries(content) : []
  if (entry && more.length === 0) return entry
  throw new Error('not a key and its value')
}
