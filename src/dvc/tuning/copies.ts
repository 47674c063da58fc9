import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Where `dvc exp run --temp` makes its copies, and its notes of which experiment each belongs to. */
const COPIES = '.dvc/tmp/exps/standalone'
const NOTES = ['.dvc/tmp/exps/run', `${COPIES}/run`]

/** DVC's note of a running experiment. */
interface Note {
  readonly name: string | null
  readonly root_dir: string
}

/**
 * Removes the temporary copies of experiments that no longer run, and DVC's notes of them: a killed DVC leaves both.
 *
 * @param isOver whether the experiment of that name has ended
 */
export async function removeCopies(isOver: (name: string) => boolean): Promise<void> {
  const notes = (await Promise.all(NOTES.map(listNotes))).flat()
  for (const path of notes) {
    const { name, root_dir } = JSON.parse(await readFile(path, 'utf8')) as Note
    if (name === null || !isOver(name)) continue
    if (dirname(resolve(root_dir)) === resolve(COPIES)) await rm(root_dir, { recursive: true, force: true })
    await rm(dirname(path), { recursive: true, force: true })
  }
}

async function listNotes(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('.run')).map((name) => join(folder, name))
}
