import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parse, parseDocument } from 'yaml'
import { readArguments } from '../command-line/arguments.ts'
import { differences } from '../command-line/differences.ts'
import { parseParams } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { exists, restoringFile, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { isAtHead } from '../git/read.ts'
import { freezeImages } from './accept-test-set.ts'
import { describePins, type PinChange, replaceImages, WORKSHOP } from './pinned-images.ts'
import { PROFILES } from './profiles.ts'

const HELP = `usage: npm run use -- sample
       npm run use -- folder --data DIR [--test DIR]
       npm run use -- animals10 [--test DIR]

Writes params.yaml from profiles/<name>.yaml, puts its images into data/, pins
them, freezes the test set in test-set.csv, and lists what changed. Lines of
exclude.csv whose images are gone are removed. A params.yaml that is not
committed is kept in .paddock/.

  --data DIR  a folder with one folder a class; the images are copied
  --test DIR  the test set: folders by class, or files named <label>_<anything>

A manifest.csv in such a folder (path, source) names the origins of its images.

animals10 is downloaded from Kaggle (about 600 MB) to the cache; a download that
broke off continues. It needs a key: KAGGLE_USERNAME and KAGGLE_KEY, or
~/.kaggle/kaggle.json. Without --test the study's nine test images are used.`

const KEPT = `${WORKSHOP}/params-before-use`
const OPTIONS = { data: { type: 'string' }, test: { type: 'string' } } as const

/** The command `use`. @throws ConfigError, DataError when something is missing or would be lost; nothing is changed then */
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
  const kept = await keepParams(params)
  try {
    const { changes, pins } = await withParams(params, () =>
      restoringFile(paths.testSet, () => restoringFile(paths.exclude, () => replaceImages(fillAndFreeze))),
    )
    const notLost = kept
      ? [`${paths.params}: the old one was not committed; \`cp ${kept} ${paths.params}\` restores it`]
      : []
    for (const line of [...notes, ...changes, ...notLost, describePins(pins), ...frozen]) console.log(`use: ${line}`)
  } catch (error) {
    if (kept) await rm(kept) // params.yaml is restored
    throw error
  }
  return `profile ${name} is in place; \`npm run repro\` runs it`
}

/** Writes params.yaml and does the work; restores the old params.yaml when that fails. */
export async function withParams(text: string, work: () => Promise<PinChange>) {
  const old = (await exists(paths.params)) ? await readFile(paths.params, 'utf8') : undefined
  const pins = await restoringFile(paths.params, async () => {
    await writeFileAtomically(paths.params, text)
    return work()
  })
  const changed = differences(parseLoosely(old), parse(text))
  return { pins, changes: changed.map((line) => `${paths.params}: ${line}`) }
}

/** Copies a params.yaml that is not committed, and that `text` would replace, to the first free name, and gives that. */
async function keepParams(text: string): Promise<string | undefined> {
  const old = await readFile(paths.params, 'utf8').catch(() => text)
  if (old === text || (await isAtHead(paths.params))) return undefined
  await mkdir(dirname(KEPT), { recursive: true })
  for (let number = 1; ; number++) {
    const path = number === 1 ? `${KEPT}.yaml` : `${KEPT}-${number}.yaml`
    if (await exists(path)) continue
    await writeFile(path, old)
    return path
  }
}

/** A YAML text with some values replaced, by path; comments are kept. */
export function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  if (Object.keys(values).length === 0) return text
  const document = parseDocument(text)
  for (const [path, value] of Object.entries(values)) document.setIn(path.split('.'), document.createNode(value))
  return document.toString({ lineWidth: 0 })
}

/** The content of a YAML text; undefined when it is not valid. */
function parseLoosely(text = ''): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
