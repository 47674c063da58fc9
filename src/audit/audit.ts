import { pathToFileURL } from 'node:url'
import type { Images } from '../batches/batches.ts'
import { classesOf, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readExclusions, selectImages } from '../dataset/exclusions.ts'
import { type ManifestRow, readManifest } from '../dataset/manifest.ts'
import { type Pair, readPairs } from '../dataset/pairs.ts'
import type { Network } from '../network/network.ts'
import { buildNetwork } from '../network/registry.ts'
import { firstOf, pluralize } from '../scores/format.ts'
import { groupsOf } from '../split/groups.ts'
import type { Configuration } from '../train/params.ts'
import { openBackbone } from '../train/phases.ts'
import { distancesOutOfFold } from './distances.ts'
import { describeFinding, type Finding, findingsOf } from './findings.ts'
import { foldsOf, splitFolds, TEST_FOLD } from './folds.ts'
import { predictOutOfFold } from './heads.ts'
import { openDecoded } from './images.ts'
import { writePage } from './page/page.ts'

const TABLE = 'artifacts/audit/audit.csv'
const PAGE = 'artifacts/audit/index.html'

/**
 * Judges the label of every image by heads that were not trained on it, and writes the table and the page; gives the summary
 * line.
 *
 * @throws DataError when fewer than two classes have two different images
 */
export async function runAudit(configuration: Configuration): Promise<string> {
  const manifest = await readManifest(paths.manifest)
  const { used } = selectImages(manifest, await readExclusions())
  const pairs = await readPairs(paths.pairs)
  const { findings, classes, folds } = await audit(configuration, { manifest, used, pairs })
  await writeTable(TABLE, findings)
  const squares = openDecoded(manifest, manifest, { classes, size: configuration.image.size })
  try {
    await writePage(PAGE, { findings, classes, folds, configuration, squares })
  } finally {
    await squares.close()
  }
  return `${describe(findings, folds)}; decide on ${pathToFileURL(PAGE).href} (all images: ${TABLE})`
}

/** Every image that is used, with what is odd about it, from the least to the most probable label. */
export async function audit(
  configuration: Configuration,
  images: {
    readonly manifest: readonly ManifestRow[]
    readonly used: readonly ManifestRow[]
    readonly pairs: readonly Pair[]
  },
): Promise<{ findings: Finding[]; classes: string[]; folds: number }> {
  const { manifest, used, pairs } = images
  const labelled = used.filter(({ set }) => set === 'train')
  const groups = groupsOf(labelled, pairs)
  const classes = judgedClasses(labelled, groups)
  const known = new Set(classes)
  const rows = used.filter(({ set, label }) => set === 'test' || known.has(label))
  const ofLabelled = rows.filter(({ set }) => set === 'train')
  const { seed, image } = configuration
  const foldById = new Map(
    foldsOf(ofLabelled, { groups, seed }).map((fold, place) => [ofLabelled[place]?.id, fold] as const),
  )
  const folds = splitFolds(rows.map(({ id }) => foldById.get(id) ?? TEST_FOLD))
  const network = await buildNetwork(configuration, { imageSize: image.size, classCount: classes.length, seed })
  try {
    const features = await extract(configuration, network, openDecoded(manifest, rows, { classes, size: image.size }))
    const given = { features, folds, classes }
    const probabilities = await predictOutOfFold(configuration, network, given)
    const distances = await distancesOutOfFold(features, given)
    const judged = rows.map((row, place) => ({
      ...row,
      probabilities: probabilities[place] ?? [],
      distance: distances[place] ?? Number.NaN,
    }))
    const unjudged = used.filter(({ set, label }) => set === 'train' && !known.has(label))
    const rest = unjudged.map((row) => ({ ...row, probabilities: [], distance: Number.NaN }))
    return { findings: findingsOf([...judged, ...rest], pairs, classes), classes, folds: folds.length }
  } finally {
    network.model.dispose()
  }
}

/** The classes of at least two different images; says which others there are. */
function judgedClasses(labelled: readonly ManifestRow[], groups: readonly (readonly string[])[]): string[] {
  const copies = new Set(groups.flatMap(([, ...others]) => others))
  const counts = Map.groupBy(
    labelled.filter(({ id }) => !copies.has(id)),
    ({ label }) => label,
  )
  const all = classesOf(labelled)
  const judged = all.filter((label) => (counts.get(label)?.length ?? 0) >= 2)
  if (judged.length < 2) {
    throw new DataError(
      `Expected two classes or more with at least two different images each, received ${judged.length === 0 ? 'none' : `only ${judged[0]}`}. Add images: npm run add -- DIR.`,
    )
  }
  const others = all.filter((label) => !judged.includes(label))
  if (others.length > 0) {
    console.error(
      `audit: ${firstOf(others, 3)}: not judged, since a class needs two different images, one to learn from and one to judge`,
    )
  }
  return judged
}

async function extract(configuration: Configuration, network: Network, images: Images): Promise<Images> {
  const backbone = openBackbone(configuration, network, { stage: 'audit', inputShape: images.inputShape })
  try {
    return { ...(await backbone.extract(images, 'images')), digest: images.digest }
  } finally {
    backbone.dispose()
    await images.close()
  }
}

/** All images, from the least to the most probable label. */
async function writeTable(path: string, findings: readonly Finding[]): Promise<void> {
  const number = (value: number) => (Number.isNaN(value) ? '' : value.toFixed(6))
  const rows = findings.map((finding) => ({
    ...finding,
    probability: number(finding.probability),
    distance: number(finding.distance),
    why: describeFinding(finding).join('; '),
  }))
  await writeCsv(path, ['id', 'sha256', 'set', 'label', 'suggested', 'probability', 'distance', 'why'], rows, {
    forPeople: true,
  })
}

function describe(findings: readonly Finding[], folds: number): string {
  const { train = [], test = [] } = Object.groupBy(findings, ({ set }) => set)
  const unlikely = train.filter(({ isUnlikely }) => isUnlikely).length
  const clashing = train.filter(({ clashes }) => clashes.length > 0).length
  const outliers = train.filter(({ isOutlier }) => isOutlier).length
  const odd = test.filter((finding) => describeFinding(finding).length > 0).length
  return [
    `${pluralize(train.length, 'image')} in ${folds} folds: ${pluralize(unlikely, 'label')} that another class beats`,
    `${pluralize(clashing, 'duplicate')} under two labels or in both sets`,
    pluralize(outliers, 'outlier'),
    `${odd} of ${pluralize(test.length, 'test image')} worth a look`,
  ].join(', ')
}
