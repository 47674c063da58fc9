import { readCsv, writeCsv } from '../core/csv.ts'
import type { Bin } from './calibration.ts'
import { byPart, EVALUATED_PARTS, type EvaluatedPart, parsePart } from './predictions.ts'

const COLUMNS = ['part', 'low', 'high', 'images', 'correct', 'confidence'] as const

/** Writes reliability.csv: of each part the bins that have images; six decimals. */
export async function writeReliability(
  path: string,
  reliability: Readonly<Record<EvaluatedPart, readonly Bin[]>>,
): Promise<void> {
  const rows = EVALUATED_PARTS.flatMap((part) =>
    reliability[part].map(({ low, high, images, correct, confidence }) => ({
      part,
      low: low.toFixed(6),
      high: high.toFixed(6),
      images,
      correct,
      confidence: confidence.toFixed(6),
    })),
  )
  await writeCsv(path, COLUMNS, rows)
}

/** The bins of a reliability.csv, in its order. */
export async function readReliability(path: string): Promise<Record<EvaluatedPart, Bin[]>> {
  const rows = (await readCsv(path, COLUMNS)).map((row) => ({ ...row, part: parsePart(row.part, path) }))
  return byPart((part) =>
    rows
      .filter((row) => row.part === part)
      .map(({ low, high, images, correct, confidence }) => ({
        low: Number(low),
        high: Number(high),
        images: Number(images),
        correct: Number(correct),
        confidence: Number(confidence),
      })),
  )
}
