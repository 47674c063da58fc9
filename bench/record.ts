import { readCsv, writeCsv } from '../src/core/csv.ts'
import { exists } from '../src/core/files.ts'
import type { Turn } from './turns.ts'

/** A turn of a work, as it is kept. */
export interface RecordedTurn extends Turn {
  readonly work: string
}

const TURN_COLUMNS = ['work', 'side', 'pair', 'seconds', 'peak_bytes', 'operations'] as const
const PART_COLUMNS = ['work', 'side', 'pair', 'part', 'seconds'] as const

/** Every turn that was taken: of each work those of its last run. */
const TURNS = 'bench/turns.csv'
const PARTS = 'bench/parts.csv'

/** Reads what is kept; nothing before the first run. */
export async function readTurns(): Promise<RecordedTurn[]> {
  if (!(await exists(TURNS))) return []
  const turns = await readCsv(TURNS, TURN_COLUMNS)
  const parts = await readCsv(PARTS, PART_COLUMNS)
  return turns.map(({ work, side, pair, ...row }) => ({
    work,
    side,
    pair: Number(pair),
    seconds: Number(row.seconds),
    peakBytes: Number(row.peak_bytes),
    operations: Number(row.operations),
    parts: Object.fromEntries(
      parts
        .filter((part) => part.work === work && part.side === side && part.pair === pair)
        .map(({ part, seconds }) => [part, Number(seconds)]),
    ),
  }))
}

/** Puts the turns of a work in the place of those of its last run. */
export async function writeTurns(work: string, turns: readonly Turn[]): Promise<RecordedTurn[]> {
  const others = (await readTurns()).filter((turn) => turn.work !== work)
  const all = [...others, ...turns.map((turn) => ({ ...turn, work }))]
  const rows = all.map(({ work, side, pair, seconds, peakBytes, operations = 0 }) => {
    return { work, side, pair, seconds: seconds.toFixed(6), peak_bytes: peakBytes, operations }
  })
  const parts = all.flatMap(({ work, side, pair, parts = {} }) =>
    Object.entries(parts).map(([part, seconds]) => ({ work, side, pair, part, seconds: seconds.toFixed(6) })),
  )
  await writeCsv(TURNS, TURN_COLUMNS, rows)
  await writeCsv(PARTS, PART_COLUMNS, parts)
  return all
}
