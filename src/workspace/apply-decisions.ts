import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { classesOf, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { restoringFile } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type EvaluationPart, writeEvaluated } from '../dataset/evaluated.ts'
import { EXCLUDE_COLUMNS, readExclusions } from '../dataset/exclusions.ts'
import { describeFiles, type ManifestRow, type Remark } from '../dataset/manifest.ts'
import { freePath } from '../fetch/arrange.ts'
import { ORIGINS_FILE, readOrigins, writeOrigins } from '../fetch/layout.ts'
import { type Decision, readDecisions } from './decisions.ts'
import { keepPinned, type PinChange, pinImages } from './pinned-images.ts'

type Image = Pick<ManifestRow, 'id' | 'sha256' | 'label' | 'set'>

export interface Applied extends PinChange {
  /** `14 relabelled, 2 excluded, 8 kept` */
  readonly counts: string
  /** The images that are used from now on. */
  readonly images: readonly Image[]
}

/**
 * Carries out decisions of an audit: moves relabelled images to the folder of their class and pins, and adds excluded ones to
 * exclude.csv; they stay in `data/`. All or nothing.
 *
 * @param there the images of `data/`
 * @param evaluated those that stay out of training, whatever their new name
 * @throws DataError when an image is not what was looked at, is of the test set, or a class is not there; nothing is changed then
 */
export async function applyDecisions(
  file: string,
  { there, evaluated }: { readonly there: readonly Image[]; readonly evaluated: ReadonlyMap<string, EvaluationPart> },
): Promise<Applied> {
  const decisions = await readDecisions(file)
  const exclusions = await readExclusions()
  checkDecisions(decisions, { file, there, exclusions })
  const before = await keepPinned()
  const moves = planMoves(decisions, there)
  const excluded = decisions.flatMap(({ id, decision, why }): Remark[] =>
    decision === 'exclude' ? [{ id, reason: `audit: ${why || 'excluded'}` }] : [],
  )
  const change = async () => {
    if (excluded.length > 0) await writeCsv(paths.exclude, EXCLUDE_COLUMNS, [...exclusions, ...excluded])
    if (moves.size > 0 && evaluated.size > 0) await writeEvaluated(evaluated)
    return withMoved(moves, pinImages)
  }
  const kept = [paths.exclude, paths.evaluated, join(paths.data, 'train', ORIGINS_FILE)]
  const after = await kept.reduce((inner, path) => () => restoringFile(path, inner), change)()
  const gone = new Set([...exclusions, ...excluded].map(({ id }) => id))
  const images = there.filter(({ id }) => !gone.has(id)).map((image) => ({ ...image, ...moves.get(image.id) }))
  const untouched = decisions.length - moves.size - excluded.length
  return { before, after, images, counts: `${moves.size} relabelled, ${excluded.length} excluded, ${untouched} kept` }
}

/** @throws DataError that names every decision that cannot be carried out */
function checkDecisions(
  decisions: readonly Decision[],
  given: { readonly file: string; readonly there: readonly Image[]; readonly exclusions: readonly Remark[] },
): void {
  const { file, there, exclusions } = given
  const images = new Map(there.map((image) => [image.id, image]))
  const test = decisions.filter(({ id }) => id.startsWith('test/') || images.get(id)?.set === 'test')
  if (test.length > 0) {
    throw new DataError(
      `Expected decisions on images of ${paths.data}/train/ in ${file}, received ${test.length} on test images, which are frozen. Move them by hand, run \`npm run add\`, then \`npm run accept-test-set\`.${describeFiles(test.map(({ id, decision }) => ({ id, reason: decision })))}`,
    )
  }
  const excluded = new Set(exclusions.map(({ id }) => id))
  const classes = classesOf(there.filter(({ set }) => set === 'train'))
  const seen = new Set<string>()
  const faults = decisions.flatMap((decision): Remark[] => {
    const { id } = decision
    const reason = faultOf(decision, {
      image: images.get(id),
      isExcluded: excluded.has(id),
      classes,
      isTwice: seen.has(id),
    })
    seen.add(id)
    return reason === undefined ? [] : [{ id, reason }]
  })
  if (faults.length === 0) return
  throw new DataError(
    `Expected decisions on the images as they are in ${paths.data}/, received ${file}, in which ${faults.length} of ${decisions.length} are on others. Nothing was changed. Run \`npm run audit\` again; its page remembers what you decided on images that did not change.${describeFiles(faults)}`,
  )
}

function faultOf(
  decision: Decision,
  found: {
    readonly image: Image | undefined
    readonly isExcluded: boolean
    readonly isTwice: boolean
    readonly classes: readonly string[]
  },
): string | undefined {
  const { image, isExcluded, isTwice, classes } = found
  if (isTwice) return 'decided twice'
  if (image === undefined) return 'not there'
  if (image.sha256 !== decision.sha256) return 'another image by now'
  if (image.label !== decision.label) return `labelled ${image.label}, not ${decision.label}`
  if (isExcluded) return `in ${paths.exclude} already`
  if (decision.decision === 'relabel' && !classes.includes(decision.to)) return `no class ${decision.to}`
  return undefined
}

/** The new id and label of each image that is relabelled, by its id; a name that is taken gets a number. */
function planMoves(
  decisions: readonly Decision[],
  there: readonly Image[],
): Map<string, { readonly id: string; readonly label: string }> {
  const taken = new Set(there.map(({ id }) => id))
  return new Map(
    decisions.flatMap((each) => {
      if (each.decision !== 'relabel') return []
      const name = each.id.slice(`train/${each.label}/`.length)
      const id = freePath(`train/${each.to}/${name}`, taken)
      taken.add(id)
      return [[each.id, { id, label: each.to }]]
    }),
  )
}

/** Moves images to their classes, with their origins, and does the work; moves them back when it fails. */
async function withMoved<T>(moves: ReadonlyMap<string, { readonly id: string }>, work: () => Promise<T>): Promise<T> {
  if (moves.size === 0) return work()
  const origins = await readOrigins(paths.data)
  const moved: [from: string, to: string][] = []
  try {
    for (const [from, { id: to }] of moves) {
      await move(from, to)
      moved.push([from, to])
      const source = origins.get(from)
      origins.delete(from)
      if (source !== undefined) origins.set(to, source)
    }
    await writeOrigins(paths.data, 'train', origins)
    return await work()
  } catch (error) {
    for (const [from, to] of moved.reverse()) await move(to, from)
    throw error
  }
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(join(paths.data, to)), { recursive: true })
  await rename(join(paths.data, from), join(paths.data, to))
}
