import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { exists, writeFileAtomically } from '../core/files.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const revealSchema = z.strictObject({
  configuration: z.string().min(1),
  model: hash,
  testSet: hash,
  correct: z.int().min(0),
  images: z.int().min(1),
})

/** One look at a test set: a model was told how many of its images it takes for what they are. */
export type Reveal = z.infer<typeof revealSchema>

/** The lines of a ledger, each model and set once, in order. @throws DataError that names the line that is none. */
export function parseLedger(text: string, name: string): Reveal[] {
  const reveals = text.split('\n').flatMap((line, place) => (line.trim() === '' ? [] : [parseLine(line, place, name)]))
  return newReveals([], reveals)
}

/** The reveals that the known ones do not have, each model and set once, in their order. */
export function newReveals(known: readonly Reveal[], reveals: readonly Reveal[]): Reveal[] {
  const seen = new Set(known.map(keyOf))
  return reveals.filter((reveal) => {
    const key = keyOf(reveal)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Reads a ledger. @throws DataError when it is missing, or a line is none. */
export async function readLedger(path: string): Promise<Reveal[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(
      `Expected the reveals of the test set in ${path}, received: ${messageOf(error)}. Restore it from git, or write it anew: npm run ledger.`,
    )
  })
  return parseLedger(text, path)
}

/**
 * Adds to a ledger the reveals that it lacks, after what stands there, and makes it where it is missing.
 *
 * @returns those that were added
 */
export async function appendReveals(path: string, reveals: readonly Reveal[]): Promise<Reveal[]> {
  const there = await exists(path)
  const text = there ? await readFile(path, 'utf8') : ''
  const added = newReveals(parseLedger(text, path), reveals)
  if (there && added.length === 0) return []
  const end = text === '' || text.endsWith('\n') ? '' : '\n'
  await writeFileAtomically(path, text + end + added.map(formatLine).join(''))
  return added
}

function formatLine({ configuration, model, testSet, correct, images }: Reveal): string {
  return `${JSON.stringify({ configuration, model, testSet, correct, images })}\n`
}

function parseLine(line: string, place: number, name: string): Reveal {
  try {
    return revealSchema.parse(JSON.parse(line))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(
      `Expected configuration, model, testSet, correct and images in line ${place + 1} of ${name}, received: ${problem}. Restore the line from git.`,
    )
  }
}

function keyOf({ model, testSet }: Reveal): string {
  return `${model} ${testSet}`
}
