import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import type { Params } from '../command-line/params.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'

const PACKAGES = 'packages.json'

/** The stages that a training runs on. */
const STAGES = ['fetch', 'split', 'augment', 'train'] as const
const SECTIONS = ['seed', ...STAGES, 'image'] as const

interface Stage {
  readonly deps?: readonly string[]
  readonly do?: Stage
}

/** A digest of all that a training depends on beside its entry of `models`: images, parameters, stages, code and packages. */
export async function readTrainingInputs(params: Params): Promise<string> {
  const { stages } = parse(await readFile(paths.dvcYaml, 'utf8')) as { stages: Readonly<Record<string, Stage>> }
  const packages = JSON.parse(await readFile(PACKAGES, 'utf8')) as Readonly<Record<string, { digest: string }>>
  const own = STAGES.map((name) => stages[name])
  const code = await Promise.all(own.flatMap((stage) => stage?.deps ?? stage?.do?.deps ?? []).map(filesOf))
  const files = [...new Set([paths.pin, ...code.flat()])].sort()
  const content = {
    params: SECTIONS.map((name) => params[name as keyof Params]),
    stages: own,
    packages: STAGES.map((name) => packages[name]?.digest),
    files: await Promise.all(files.map(async (path) => [path, await readSha256(path)])),
  }
  return sha256(JSON.stringify(content))
}

/** The files behind a dependency: none for what a stage wrote, and those beside it for one that an entry chooses. */
async function filesOf(path: string): Promise<string[]> {
  if (path.startsWith('artifacts/')) return []
  if (!path.includes('${')) return [path]
  const folder = dirname(path)
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name))
}
