import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { parseLock } from './lock.ts'
import { readPipeline } from './read-staleness.ts'
import { lockBlocks } from './restore-lock.ts'
import { leftoversOf } from './staleness.ts'
import { readText } from './workspace.ts'

/**
 * Takes the entries of stages that dvc.yaml no longer has out of dvc.lock, all at once, and gives their names.
 *
 * DVC keeps them for good: it only ever writes the entry of a stage that ran. Another stage's entry stays byte for byte.
 *
 * @throws BrokenError when a file of the pipeline cannot be read; then nothing has changed
 */
export async function forgetGoneStages(root = '.'): Promise<string[]> {
  const { stages, lock } = readPipeline(root)
  const gone = leftoversOf(stages, lock)
  if (gone.length === 0) return []
  const file = join(root, paths.dvcLock)
  await writeFileAtomically(file, withoutStages(readText(file) ?? '', gone))
  return gone
}

/** The text of a dvc.lock without some of its stages. */
export function withoutStages(text: string, names: readonly string[]): string {
  const gone = new Set(names)
  const [head, blocks] = lockBlocks(text)
  const kept = blocks.filter(({ name }) => !gone.has(name))
  const written = kept.length === 0 ? EMPTY : [head, ...kept.map((block) => block.text)].join('')
  return isWithout(written, text, gone) ? written : rewritten(text, names)
}

const EMPTY = "schema: '2.0'\nstages: {}\n"

/** Whether one text holds just the stages of another but for those that are gone. */
function isWithout(written: string, text: string, gone: ReadonlySet<string>): boolean {
  if (/^(?!schema:|stages:)[^\s#]/m.test(text)) return false // more than stages, as DVC may write
  const wanted = [...parseLock(text).keys()].filter((name) => !gone.has(name))
  try {
    return JSON.stringify([...parseLock(written).keys()]) === JSON.stringify(wanted)
  } catch {
    return false
  }
}

/** The same for a text that is not in the form that DVC gives it. */
function rewritten(text: string, names: readonly string[]): string {
  const document = parseDocument(text)
  for (const name of names) document.deleteIn(['stages', name])
  return document.toString({ indentSeq: false, lineWidth: 80 })
}
