import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { readArguments } from '../command-line/arguments.ts'
import { type Params, parseParams } from '../command-line/params.ts'
import { classesOf, readCsv } from '../core/csv.ts'
import { ConfigError, DataError } from '../core/errors.ts'
import { exists, restoringFile, temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type EvaluationPart, readEvaluated, writeEvaluated } from '../dataset/evaluated.ts'
import { readManifest } from '../dataset/manifest.ts'
import { type Pin, readPin } from '../dataset/pin.ts'
import { requireNoDvc } from '../dvc/running.ts'
import { listUsedImages } from '../dvc/shortages.ts'
import { freePath } from '../fetch/arrange.ts'
import { listDataImages, ORIGINS_FILE, readOrigins, UNKNOWN_SOURCE, writeOrigins } from '../fetch/layout.ts'
import { openThumbnails, type Thumbnails } from '../fetch/thumbnails.ts'
import { requireRepository } from '../git/read.ts'
import { groupsOf } from '../split/groups.ts'
import { freezeImages } from './accept-test-set.ts'
import { applyDecisions } from './apply-decisions.ts'
import { compareWithTraining } from './comparison.ts'
import { caseHint, type Given, labelsOf, openTraining } from './given-folder.ts'
import {
  copyImages,
  describeCounts,
  type FolderImage,
  hashImages,
  type ImageFolder,
  pairsAmong,
  reportLeftOut,
} from './image-folder.ts'
import { checkLabel } from './label-table.ts'
import { describeOutlook } from './outlook.ts'
import { describePins, keepPinned, pinImages, WORKSHOP } from './pinned-images.ts'
import { withParams, withValues } from './use.ts'

const HELP = `usage: npm run add [-- DIR]
       npm run add -- --apply FILE

Adds training images to those in data/ and pins the result. DIR has one folder
for each class, or folders train, val and test of them, whose test images are
added to the test set. Images that data/ has already, byte for byte, are left
out; a name that is taken gets a number. Images that are in validation or
holdout are noted in records/evaluated.csv, so that they never move into
training. New images are compared with those of training, by the chosen model
too.
Without DIR, pins in the same way what you changed in data/ by hand.

  --new-class NAME   a class that data/ does not have; once for each. Images of
                     other unknown classes are refused
  --labels FILE.csv  labels of the images, by columns path (or id) and label
  --path-column NAME, --label-column NAME   the columns, where named otherwise
  --apply FILE       carry out what was decided on the page of \`npm run audit\`:
                     move relabelled images to their class, and list excluded
                     ones in exclude.csv. All of it, or nothing

A manifest.csv in DIR (path, source) names the origins of its images.`

const OPTIONS = {
  'new-class': { type: 'string', multiple: true },
  apply: { type: 'string' },
  labels: { type: 'string' },
  'path-column': { type: 'string' },
  'label-column': { type: 'string' },
} as const

/** The command `add`. @throws ConfigError, DataError when something is missing or would be lost; nothing is changed then */
export async function add(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 1, paths: ['words', 'labels', 'apply'] })
  if (!given) return undefined
  await requireNoDvc('`npm run add`')
  const [folder] = given.words
  const { apply, ...options } = given.values
  if (apply !== undefined && (folder !== undefined || Object.keys(options).length > 0)) {
    throw new ConfigError(
      'Expected --apply FILE alone, received a folder or options of one too. Add images in a second run.',
    )
  }
  await requireRepository()
  const there = (await exists(paths.data)) ? await listDataImages(paths.data) : []
  if (there.length === 0) {
    throw new DataError(
      `Expected images in ${paths.data}/ to add to, received none. Bring the pinned ones with \`npm run repro -- fetch --force\`, or start with \`npm run use\`.`,
    )
  }
  const text = await readFile(paths.params, 'utf8')
  const params = parseParams(text)
  if (apply !== undefined) return applyFile(apply, await hashImages(paths.data, there), text)
  if (folder === undefined) return pinChanges(await hashImages(paths.data, there), withFolderSource(text, params))
  using thumbnails = params.fetch.nearDuplicates ? openThumbnails(tmpdir()) : undefined
  const offer = await readOffer(folder, classesOf(there), given.values, { ...params, thumbnails })
  const before = await keepPinned()
  // of both sets: a test image must not be added to training either
  const hashed = await hashImages(paths.data, there)
  const known = new Set(hashed.map(({ sha256 }) => sha256))
  const { fresh = [], duplicates = [] } = Object.groupBy(offer.images, ({ sha256 }) => {
    if (known.has(sha256)) return 'duplicates'
    known.add(sha256)
    return 'fresh'
  })
  const copies = duplicates.map(({ file }) => ({ path: relative(folder, file), reason: 'a duplicate' }))
  const notes = [...offer.notes, ...(await reportLeftOut([...offer.leftOut, ...copies]))]
  for (const line of notes) console.log(`add: ${line}`)
  if (fresh.length === 0) return `no new images; duplicates left out: ${duplicates.length}`
  const comparison = await compareWithTraining(fresh, hashed, params)
  const outlook = await describeTogether(hashed, fresh, { ...params, thumbnails })
  const frozen: string[] = []
  const evaluated = await findEvaluated(hashed)
  const { pins, changes } = await withParams(withFolderSource(text, params), async () => ({
    before,
    after: await addImages(fresh, evaluated, frozen),
  }))
  for (const line of [...changes, describePins(pins), ...frozen, ...comparison, ...outlook]) console.log(`add: ${line}`)
  return `images added: ${describeCounts(fresh)}; duplicates left out: ${duplicates.length}; \`npm run repro\` trains on them`
}

/** Pins `data/` as it is. */
async function pinChanges(there: Awaited<ReturnType<typeof hashImages>>, text: string): Promise<string> {
  const evaluated = await findEvaluated(there)
  const pin = async () => {
    if (evaluated.size > 0) await writeEvaluated(evaluated)
    return { before: await readPin(), after: await pinImages() }
  }
  const { pins, changes } = await withParams(text, () => restoringFile(paths.evaluated, pin))
  for (const line of changes) console.log(`add: ${line}`)
  return `${describePins(pins)}; \`npm run repro\` trains on them`
}

/** Carries out the decisions of an audit. */
async function applyFile(file: string, there: Awaited<ReturnType<typeof hashImages>>, text: string): Promise<string> {
  const params = parseParams(text)
  const evaluated = await findEvaluated(there)
  const { pins, changes } = await withParams(withFolderSource(text, params), () =>
    applyDecisions(file, { there, evaluated }),
  )
  const used = pins.images.map((image) => ({ ...image, source: UNKNOWN_SOURCE }))
  for (const line of [...changes, describePins(pins), ...describeOutlook(used, params)]) console.log(`add: ${line}`)
  return `${pins.counts}; \`npm run repro\` trains on the result`
}

/** What was evaluated before, and what is in validation and holdout now, according to split or else the committed results. */
async function findEvaluated(there: Awaited<ReturnType<typeof hashImages>>): Promise<Map<string, EvaluationPart>> {
  const evaluated = await readEvaluated()
  const path = (await exists(paths.split)) ? paths.split : paths.resultsPredictions
  const rows = (await exists(path)) ? await readCsv(path, ['id', 'part']) : []
  const fetched = (await exists(paths.manifest)) ? await readManifest(paths.manifest) : [] // knows those renamed since
  const hashes = new Map([...there, ...fetched].map(({ id, sha256 }) => [id, sha256]))
  for (const { id, part } of rows) {
    const sha256 = hashes.get(id)
    if (sha256 === undefined || evaluated.has(sha256)) continue
    if (part === 'validation' || part === 'holdout') evaluated.set(sha256, part)
  }
  return evaluated
}

/** What will not work with the old and the new images together; copies of one photograph are only found among the new ones. */
async function describeTogether(
  there: Awaited<ReturnType<typeof hashImages>>,
  fresh: readonly FolderImage[],
  { thumbnails, ...params }: Params & { readonly thumbnails: Thumbnails | undefined },
) {
  const used = new Set((await listUsedImages()).map(({ id }) => id))
  const old = there.filter(({ id }) => used.has(id)).map((image) => ({ ...image, source: UNKNOWN_SOURCE }))
  const added = fresh.map((image) => ({ ...image, id: `new/${image.id}` })) // the name may be taken
  const pairs = pairsAmong(added, thumbnails)
  const groups = groupsOf(
    added.filter(({ set }) => set === 'train'),
    pairs,
  )
  return describeOutlook([...old, ...added], { ...params, pairs, groups })
}

/** @throws ConfigError when there are images of a class that is neither there nor told to be new */
async function readOffer(
  folder: string,
  classes: readonly string[],
  given: Given & { readonly 'new-class'?: readonly string[] | undefined },
  { image, thumbnails }: Params & { readonly thumbnails: Thumbnails | undefined },
): Promise<ImageFolder> {
  for (const label of given['new-class'] ?? []) checkLabel({ label }, '--new-class')
  const known = [...classes, ...(given['new-class'] ?? [])]
  const offer = await openTraining(
    folder,
    { image, classes: known, labels: labelsOf(given.labels, given), thumbnails },
    1,
  )
  const unknown = offer.images.filter(({ label }) => !known.includes(label))
  if (unknown.length === 0) return offer
  const [first = ''] = classesOf(unknown)
  throw new ConfigError(
    `Expected images of ${classes.join(', ')} in ${folder}, received others: ${describeCounts(unknown)}. Correct the labels, or declare a class as new: --new-class ${JSON.stringify(first)}.${caseHint(classesOf(unknown), classes)}`,
  )
}

/** params.yaml with source `folder`, since the images can no longer be drawn or downloaded. */
function withFolderSource(text: string, { fetch }: Params): string {
  if (fetch.source === 'folder') return text
  return withValues(text, {
    fetch: { source: 'folder', maxRejected: fetch.maxRejected, nearDuplicates: fetch.nearDuplicates },
  })
}

/** Copies new images beside `data/`, moves them in and pins; removes them again when that fails. */
async function addImages(
  images: readonly FolderImage[],
  evaluated: ReadonlyMap<string, EvaluationPart>,
  frozen: string[],
): Promise<Pin> {
  const work = temporaryName(join(WORKSHOP, 'added'))
  const sets = [...new Set(images.map(({ set }) => set))]
  const kept = [
    paths.testSet,
    paths.exclude,
    paths.evaluated,
    ...sets.map((set) => join(paths.data, set, ORIGINS_FILE)),
  ]
  const added: string[] = []
  const moveAndPin = async () => {
    await moveIn(work, images, (id) => added.push(id))
    if (evaluated.size > 0) await writeEvaluated(evaluated)
    if (sets.includes('test')) {
      frozen.push(...(await freezeImages(paths.data)), 'results from now on are on another test set')
    }
    return pinImages()
  }
  try {
    await copyImages(images, work)
    return await kept.reduce((inner, path) => () => restoringFile(path, inner), moveAndPin)()
  } catch (error) {
    for (const id of added) await rm(join(paths.data, id), { force: true })
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Moves images into `data/`, with their origins; `onMoved` is called with the new id of each. */
async function moveIn(from: string, images: readonly FolderImage[], onMoved: (id: string) => void): Promise<void> {
  const taken = new Set((await listDataImages(paths.data)).map(({ id }) => id))
  const origins = await readOrigins(paths.data)
  for (const { id: wanted, source } of images) {
    const id = freePath(wanted, taken)
    taken.add(id)
    await mkdir(dirname(join(paths.data, id)), { recursive: true })
    await rename(join(from, wanted), join(paths.data, id))
    onMoved(id)
    origins.set(id, source)
  }
  for (const set of new Set(images.map((image) => image.set))) await writeOrigins(paths.data, set, origins)
}
