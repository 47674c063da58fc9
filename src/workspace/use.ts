import { readFile } from 'node:fs/promises'
import { parse, parseDocument } from 'yaml'
import { readArguments } from '../command-line/arguments.ts'
import { differences } from '../command-line/differences.ts'
import { parseParams } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { exists, restoringFile, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { freezeImages, restoringFrozen } from './freeze.ts'
import { describePins, type PinChange, replaceImages } from './images.ts'
import { keepingParams } from './keep-params.ts'
import { PROFILES } from './profiles.ts'

const HELP = `usage: npm run use -- sample
       npm run use -- folder --data DIR [--test DIR]
       npm run use -- animals10 [--test DIR]

Writes params.yaml from profiles/<name>.yaml, puts its images under data/, pins them, freezes the test set in test-set.csv,
and says what changed. Lines of exclude.csv whose images are gone are taken out. A params.yaml that git does not have as it is
is kept in .paddock/.

  --data DIR   a folder with one folder a class; the images are copied
  --test DIR   the test set: folders by class, or files named <label>_<anything>

A manifest.csv in such a folder (path, source) tells where its images came from.

animals10 comes from Kaggle (about 600 MB) to the cache, and goes on where a download stopped. It needs a key: KAGGLE_USERNAME
and KAGGLE_KEY, or ~/.kaggle/kaggle.json. Without --test it takes the study's nine test images.`

const OPTIONS = { data: { type: 'string' }, test: { type: 'string' } } as const

/** The command `use`. @throws ConfigError, DataError when something is missing or would be lost; then nothing has changed. */
export async function use(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 1 })
  if (!given) return undefined
  const [name = ''] = given.words
  const prepare = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined
  if (!prepare) {
    const names = Object.keys(PROFILES).join(', ')
    throw new ConfigError(`Expected a profile, one of ${names}, received ${name || 'none'}. See --help.`)
  }
  const profile = `profiles/${name}.yaml`
  const text = await readFile(profile, 'utf8')
  const { fill, notes, changes: own = {} } = await prepare(given.values, parseParams(text, profile))
  const frozen: string[] = []
  const fillAndFreeze = async (folder: string) => {
    await fill(folder)
    frozen.push(...(await freezeImages(folder)))
  }
  const params = withValues(text, own)
  const [{ changes, pins }, kept] = await keepingParams(params, () =>
    withParams(params, () => restoringFrozen(() => replaceImages(fillAndFreeze))),
  )
  const notLost =
    kept === undefined
      ? []
      : [`${paths.params}: git does not have the old one; \`cp ${kept} ${paths.params}\` brings it back`]
  for (const line of [...notes, ...changes, ...notLost, describePins(pins), ...frozen]) console.log(`use: ${line}`)
  return `profile ${name} is in place; \`npm run repro\` runs it`
}

/** Writes params.yaml and does the work; when that fails, the old params.yaml is back. */
export async function withParams(text: string, work: () => Promise<PinChange>) {
  const old = (await exists(paths.params)) ? await readFile(paths.params, 'utf8') : undefined
  const pins = await restoringFile(paths.params, async () => {
    await writeFileAtomically(paths.params, text)
    return work()
  })
  const changed = differences(parseLoosely(old), parse(text))
  return { pins, changes: changed.map((line) => `${paths.params}: ${line}`) }
}

/** A YAML text with other values at some paths; comments stay. */
function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  if (Object.keys(values).length === 0) return text
  const document = parseDocument(text)
  for (const [path, value] of Object.entries(values)) document.setIn(path.split('.'), value)
  return document.toString({ lineWidth: 0 })
}

/** What a YAML text holds; nothing when it is none. */
function parseLoosely(text = ''): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
