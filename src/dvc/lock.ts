import { isMap, isScalar, parse, parseDocument } from 'yaml'
import { isSection } from '../config/params.ts'
import { messageOf } from '../core/errors.ts'
import { BrokenError, refuseConflicts } from './broken.ts'

/** A dependency or an out as DVC recorded it. */
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

/** Reads the text of a dvc.lock. @throws BrokenError when it is not one, or holds a conflict */
export function parseLock(text: string, name = 'dvc.lock'): Lock {
  refuseConflicts(text, name)
  try {
    const content = parse(text) as unknown
    if (!isSection(content) || content.schema !== '2.0') throw new Error('no schema 2.0')
    const stages = content.stages ?? {}
    if (!isSection(stages)) throw new Error('no stages')
    return new Map(Object.entries(stages).map(([stage, entry]) => [stage, parseStage(stage, entry)]))
  } catch (error) {
    throw new BrokenError(
      `Expected ${name} as DVC writes it, received: ${messageOf(error).split('\n')[0]}. Restore it from git, or run \`npm run repro\`.`,
    )
  }
}

function parseStage(name: string, stage: unknown): LockedStage {
  const { cmd, deps = [], params = {}, outs = [] } = isSection(stage) ? stage : {}
  if (![cmd].flat().every((line) => typeof line === 'string')) throw new Error(`no command of ${name}`)
  if (!Array.isArray(deps) || !Array.isArray(outs)) throw new Error(`no lists of ${name}`)
  if (![...deps, ...outs].every(isEntry)) throw new Error(`an entry of ${name} without path`)
  if (!isSection(params) || !Object.values(params).every(isSection)) throw new Error(`no params of ${name}`)
  return { cmd, deps, params: params as LockedStage['params'], outs }
}

function isEntry(entry: unknown): entry is LockedEntry {
  return isSection(entry) && typeof entry.path === 'string'
}

/** The text of a dvc.lock without some of its stages; every other byte stays as it is. */
export function withoutStages(text: string, names: readonly string[]): string {
  const document = parseDocument(text)
  const stages = document.get('stages')
  if (!isMap(stages) || stages.flow) {
    for (const name of names) document.deleteIn(['stages', name])
    return document.toString()
  }
  const blocks = stages.items.map(({ key }) => ({
    name: isScalar(key) ? String(key.value) : '',
    start: text.lastIndexOf('\n', isScalar(key) ? key.range?.[0] : undefined) + 1,
  }))
  const end = stages.range?.[1] ?? text.length
  const head = text.slice(0, blocks[0]?.start)
  const kept = blocks.filter(({ name }) => !names.includes(name))
  if (kept.length === 0) return `${head.trimEnd()} {}\n${text.slice(end)}`
  const slice = ({ start }: { start: number }) =>
    text.slice(start, blocks.find((next) => next.start > start)?.start ?? end)
  return [head, ...kept.map(slice), text.slice(end)].join('')
}
