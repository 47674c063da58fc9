import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { readArguments } from '../command-line/arguments.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { exists, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type CodeFiles, withCode } from './code-deps.ts'
import type { PackageLock } from './packages.ts'
import { staleStages } from './stale-code.ts'

const PACKAGES = 'packages.json'

const HELP = `usage: npm run deps [-- --check]

Writes the code that each stage depends on: its files into dvc.yaml, its npm packages into packages.json.

  --check   writes nothing, and fails with a line a stage when they are stale`

/** The command `deps`. @throws DataError when `--check` finds a stage whose code is stale. */
export async function deps(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: { check: { type: 'boolean' } }, words: 0 })
  if (!given) return undefined
  const current = await readCodeFiles()
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as PackageLock
  const wanted = withCode(current, lock, readSource)
  const stale = staleStages(current, wanted)
  if (stale.length === 0) return 'up to date'
  if (given.values.check) {
    throw new DataError(
      `Expected the code of every stage in dvc.yaml, received a stale list. Run \`npm run deps\`.\n${stale.join('\n')}`,
    )
  }
  await writeFileAtomically(paths.dvcYaml, wanted.pipeline)
  await writeFileAtomically(PACKAGES, wanted.packages)
  return `${stale.map((line) => line.split(':')[0]).join(', ')} written`
}

async function readCodeFiles(): Promise<CodeFiles> {
  const packages = (await exists(PACKAGES)) ? await readFile(PACKAGES, 'utf8') : ''
  return { pipeline: await readFile(paths.dvcYaml, 'utf8'), packages }
}

function readSource(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new DataError(`Expected a program at ${path}, received: ${messageOf(error)}. Mend the import that names it.`)
  }
}
