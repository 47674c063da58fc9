import { CORE_SCHEMA, load } from 'js-yaml'
import { isMap, isScalar, parseDocument, stringify, type YAMLMap } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../core/errors.ts'
import { BrokenError, refuseConflicts } from './broken.ts'

/** A dependency or an out as DVC recorded it. */
const lockedEntry = z.object({
  path: z.string(),
  /** 32 hexadecimal digits, followed by `.dir` for a folder. */
  md5: z.string().optional(),
  size: z.number().optional(),
  /** Files of a folder. */
  nfiles: z.number().optional(),
})
export type LockedEntry = Readonly<z.infer<typeof lockedEntry>>

/** A stage as it last ran. */
const lockedStage = z.object({
  cmd: z.union([z.string(), z.array(z.string())]),
  deps: z.array(lockedEntry).default([]),
  /** Values by file, then by key, such as `models.original-zero`. */
  params: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  outs: z.array(lockedEntry).default([]),
})
export type LockedStage = Readonly<z.infer<typeof lockedStage>>

const lockFile = z.object({ schema: z.literal('2.0'), stages: z.record(z.string(), lockedStage).optional() })

/** dvc.lock: the stages by name, such as `train@original-zero`. */
export type Lock = ReadonlyMap<string, LockedStage>

/**
 * Reads the text of a dvc.lock, with js-yaml: `yaml` takes eight times as long.
 *
 * @throws BrokenError for a conflict, TruncatedLockError for anything else that is not a complete dvc.lock
 */
export function parseLock(text: string): Lock {
  refuseConflicts(text, 'dvc.lock')
  if (text.trim() === '') throw new TruncatedLockError('an empty file')
  if (!/[\n}]$/.test(text)) throw new TruncatedLockError('one that ends within a line')
  try {
    return new Map(Object.entries(lockFile.parse(load(text, { schema: CORE_SCHEMA })).stages ?? {}))
  } catch (error) {
    const [problem = ''] = (error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)).split('\n')
    throw new TruncatedLockError(problem.replace(/[.:]$/, ''))
  }
}

/** dvc.lock is not complete, as after a killed run or on a full disk: DVC writes it in place. */
export class TruncatedLockError extends BrokenError {
  constructor(received: string) {
    super(
      `Expected dvc.lock as DVC writes it, received ${received}. Run \`npm run repro\`, which restores the last complete one.`,
    )
  }
}

/**
 * The text of a dvc.lock with the named stages alone, in that order. Each keeps its lines, since DVC folds long ones in a way
 * of its own; only another form than DVC writes is formatted again.
 */
export function keepStages(text: string, names: readonly string[]): string {
  const document = parseDocument(text)
  const stages = document.get('stages')
  if (!isMap(stages)) return text
  const lines = linesOf(stages, text)
  const kept = names.flatMap((name) => lines.get(name) ?? [])
  if (kept.length > 0) return text.replace([...lines.values()].join(''), () => kept.join(''))
  stages.items = names.flatMap((name) => stages.items.find(({ key }) => nameOf(key) === name) ?? [])
  return document.toString({ indentSeq: false })
}

/** The lines of each stage of a dvc.lock, by name; formatted as DVC does if it has another form. */
export function linesOfStages(text: string): ReadonlyMap<string, string> {
  const document = parseDocument(text)
  const stages = document.get('stages')
  if (!isMap(stages)) return new Map()
  return stages.flow ? linesOfStages(stringify(document.toJS(), { indentSeq: false })) : linesOf(stages, text)
}

/** The lines of each stage, one after the other; none of stages that are not on lines of their own. */
function linesOf({ items, range, flow }: YAMLMap, text: string): ReadonlyMap<string, string> {
  if (flow) return new Map()
  const starts = items.map(({ key }) => text.lastIndexOf('\n', isScalar(key) ? key.range?.[0] : 0) + 1)
  const ends = [...starts.slice(1), range?.[1]]
  return new Map(items.map(({ key }, place) => [nameOf(key), text.slice(starts[place], ends[place])]))
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key)
}
