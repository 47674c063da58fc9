import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Where `dvc exp run --temp` makes its copies, and where it says which copy is whose. */
export const COPIES = '.dvc/tmp/exps/standalone'
const NOTES = ['.dvc/tmp/exps/run', `${COPIES}/run`]

/** What DVC notes of a running experiment. */
interface Note {
  readonly name: string | null
  readonly root_dir: string
}

/**
 * Removes the temporary copies of experiments, and DVC's notes of them: a DVC that was killed leaves both.
 *
 * @param isMeant whether an experiment of that name is over for certain
 */
export async function removeCopies(isMeant: (name: string) => boolean): Promise<void> {
  const notes = (await Promise.all(NOTES.map(listNotes))).flat()
  for (const path of notes) {
    const { name, root_dir } = JSON.parse(await readFile(path, 'utf8')) as Note
    if (name === null || !isMeant(name)) continue
    if (dirname(resolve(root_dir)) === resolve(COPIES)) await rm(root_dir, { recursive: true, force: true })
    await rm(dirname(path), { recursive: true, force: true })
  }
}

async function listNotes(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('.run')).map((name) => join(folder, name))
}
