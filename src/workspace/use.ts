import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isScalar, parse, parseDocument, stringify } from 'yaml'
import { readArguments } from '../command-line/arguments.ts'
import { differences } from '../command-line/differences.ts'
import { parseParams } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { exists, restoringFile, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { writeEvaluated } from '../dataset/evaluated.ts'
import { requireNoDvc } from '../dvc/running.ts'
import { isAtHead, requireRepository } from '../git/read.ts'
import { freezeImages } from './accept-test-set.ts'
import { reportLeftOut } from './image-folder.ts'
import { describePins, type PinChange, replaceImages, WORKSHOP } from './pinned-images.ts'
import { PROFILES } from './profiles.ts'

const HELP = `usage: npm run use -- sample
       npm run use -- folder --data DIR [--test DIR]
       npm run use -- animals10 [--test DIR]

Writes params.yaml from profiles/<name>.yaml, puts its images into data/, pins
them, freezes the test set in test-set.csv, and lists what changed. Lines of
exclude.csv whose images are gone are removed. A params.yaml that is not
committed is kept in .paddock/.

  --data DIR   a folder with one folder a class, or with folders train, val and
               test of them: train and val are pooled, test is the test set. The
               images are copied
  --test DIR   the test set: folders by class, or files named <label>_<anything>
  --no-test    no test set; without it and without test images a few of the
               images become the test set
  --title TEXT the title of the report, by default from the name of the folder

  --labels FILE.csv       labels of the images, in columns path (or id, without
                          extension) and label, perhaps source; the images may
                          lie in one flat folder
  --test-labels FILE.csv  labels of the test images, where in another table
  --path-column NAME, --label-column NAME   the columns, where named otherwise

A manifest.csv in such a folder (path, source) names the origins of its images.

animals10 is downloaded from Kaggle (about 600 MB) to the cache; a download that
broke off continues. It needs a token, in KAGGLE_API_TOKEN or
~/.kaggle/access_token, or a key, in KAGGLE_USERNAME and KAGGLE_KEY or
~/.kaggle/kaggle.json. Without --test the study's nine test images are used.`

const KEPT = `${WORKSHOP}/params-before-use`
const OF_FOLDER = {
  labels: { type: 'string' },
  'test-labels': { type: 'string' },
  'path-column': { type: 'string' },
  'label-column': { type: 'string' },
  'no-test': { type: 'boolean' },
} as const
const OPTIONS = { data: { type: 'string' }, test: { type: 'string' }, title: { type: 'string' }, ...OF_FOLDER } as const
const PATHS = ['data', 'test', 'labels', 'test-labels'] as const

/** The command `use`. @throws ConfigError, DataError when something is missing or would be lost; nothing is changed then */
export async function use(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 1, paths: PATHS })
  if (!given) return undefined
  await requireNoDvc('`npm run use`')
  const [name = ''] = given.words
  const prepare = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined
  if (!prepare) {
    const names = Object.keys(PROFILES).join(', ')
    throw new ConfigError(`Expected a profile, one of ${names}, received ${name || 'none'}. See --help.`)
  }
  const foreign = Object.keys(OF_FOLDER).filter((option) => Object.hasOwn(given.values, option))
  if (name !== 'folder' && foreign.length > 0) {
    throw new ConfigError(`Expected --${foreign.join(', --')} with folder only, received ${name}. Omit it.`)
  }
  await requireRepository()
  const profile = `profiles/${name}.yaml`
  const text = await readFile(profile, 'utf8')
  const {
    fill,
    notes,
    leftOut = [],
    outlook = [],
    changes: own,
  } = await prepare(given.values, parseParams(text, profile))
  const { title } = given.values
  const frozen: string[] = []
  const fillAndFreeze = async (folder: string) => {
    await fill(folder)
    frozen.push(...(await freezeImages(folder)))
    await writeEvaluated(new Map())
  }
  const params = withValues(text, title === undefined ? { ...own } : { ...own, 'report.title': title })
  parseParams(params, paths.params)
  const kept = await keepParams(params)
  try {
    const { changes, pins } = await withParams(params, () =>
      [paths.testSet, paths.exclude, paths.evaluated].reduce(
        (inner, path) => () => restoringFile(path, inner),
        () => replaceImages(fillAndFreeze),
      )(),
    )
    const notLost = kept
      ? [`${paths.params}: the old one was not committed; \`cp ${kept} ${paths.params}\` restores it`]
      : []
    const lines = [
      ...notes,
      ...(await reportLeftOut(leftOut)),
      ...changes,
      ...notLost,
      describePins(pins),
      ...frozen,
      ...outlook,
    ]
    for (const line of lines) console.log(`use: ${line}`)
  } catch (error) {
    if (kept) await rm(kept) // params.yaml is restored
    throw error
  }
  return `profile ${name} is in place; \`npm run repro\` runs it`
}

/** Writes params.yaml and does the work; restores the old params.yaml when that fails. */
export async function withParams<Change extends PinChange>(text: string, work: () => Promise<Change>) {
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

/** A YAML text with some values replaced, by path; comments are kept, and the rest of the text where only scalars change. */
export function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).reduce((old, [path, value]) => {
    const document = parseDocument(old)
    const node = document.getIn(path.split('.'), true)
    if (isScalar(node) && node.range && typeof value === 'string') {
      const [start, end] = node.range
      return old.slice(0, start) + stringify(value, { lineWidth: 0, blockQuote: false }).trimEnd() + old.slice(end)
    }
    document.setIn(path.split('.'), document.createNode(value))
    return document.toString({ lineWidth: 0 })
  }, text)
}

/** The content of a YAML text; undefined when it is not valid. */
function parseLoosely(text = ''): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
