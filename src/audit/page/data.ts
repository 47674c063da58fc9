import type { Images } from '../../batches/batches.ts'
import { openUnion } from '../../core/union.ts'
import { encodeThumbnail } from '../../images/encode.ts'
import { dataUri } from '../../report/page/images.ts'
import { describeFinding, type Finding } from '../findings.ts'

/** At most this many labels that another class beats are on the page, about 7 kB each; audit.csv has all. */
const MOST_LABELS = 300
/** At most this many images of each other section. */
const MOST_OTHERS = 120
/** Side of a thumbnail in pixels. */
const SIDE = 160

/** All that the page's program knows, as JSON in the page. Sections name images by their place in the list. */
export interface AuditData {
  readonly classes: readonly string[]
  readonly images: readonly AuditImage[]
  readonly sections: readonly AuditSection[]
}

export interface AuditImage extends Pick<Finding, 'id' | 'sha256' | 'label' | 'set'> {
  /** The class that Relabel offers first. */
  readonly suggested: string
  /** Of the given label and of the likeliest class; null where the image is not judged. */
  readonly probability: number | null
  readonly suggestedProbability: number | null
  readonly why: readonly string[]
  /** A data URI. */
  readonly thumbnail: string
}

export type SectionName = 'duplicates' | 'labels' | 'outliers' | 'test'

export interface AuditSection {
  readonly name: SectionName
  /** Images that belong together stand in one group. */
  readonly groups: readonly (readonly number[])[]
  /** How many groups the page leaves out. */
  readonly leftOut: number
}

/** What the page shows: each image once, apart from test images that have a duplicate. */
export async function auditData(
  findings: readonly Finding[],
  { classes, squares }: { readonly classes: readonly string[]; readonly squares: Images },
): Promise<AuditData> {
  const sections = sectionsOf(findings)
  const shown = [...new Set(sections.flatMap(({ groups }) => groups.flat()))]
  const places = new Map(shown.map((finding, place) => [finding, place]))
  const rows = new Map(squares.ids.map((id, row) => [id, row]))
  const size = squares.inputShape[0] ?? 0
  const images: AuditImage[] = []
  for (const finding of shown) {
    const pixels = (await squares.read([rows.get(finding.id) ?? 0])) as Uint8Array
    images.push(imageOf(finding, findings, dataUri(await encodeThumbnail(pixels, size, SIDE))))
  }
  return {
    classes,
    images,
    sections: sections.map(({ name, groups, leftOut }) => {
      return { name, leftOut, groups: groups.map((group) => group.map((each) => places.get(each) ?? -1)) }
    }),
  }
}

function imageOf(finding: Finding, findings: readonly Finding[], thumbnail: string): AuditImage {
  const { id, sha256, label, set, suggested, probability, suggestedProbability, clashes } = finding
  const partners = new Set(clashes.flatMap((pair) => [pair.id, pair.other]))
  const twin = findings.find((each) => partners.has(each.id) && each.label !== label)
  const rounded = (value: number) => (Number.isNaN(value) ? null : Number(value.toFixed(4)))
  return {
    ...{ id, sha256, label, set, thumbnail, why: describeFinding(finding) },
    suggested: suggested === label ? (twin?.label ?? label) : suggested,
    probability: rounded(probability),
    suggestedProbability: rounded(suggestedProbability),
  }
}

/** Which images are in which section, in groups. */
export function sectionsOf(findings: readonly Finding[]) {
  const labelled = findings.filter(({ set }) => set === 'train')
  const odd = labelled.filter(({ clashes }) => clashes.length === 0)
  const section = (name: SectionName, groups: readonly (readonly Finding[])[], most = MOST_OTHERS) => {
    return { name, groups: groups.slice(0, most), leftOut: Math.max(0, groups.length - most) }
  }
  const single = (images: readonly Finding[]) => images.map((each) => [each])
  const outliers = odd.filter(({ isOutlier, isUnlikely }) => isOutlier && !isUnlikely)
  const test = findings.filter((finding) => finding.set === 'test' && describeFinding(finding).length > 0)
  return [
    section('duplicates', clashGroups(findings)),
    section('labels', single(odd.filter(({ isUnlikely }) => isUnlikely)), MOST_LABELS),
    section('outliers', single(outliers.toSorted((a, b) => b.distance - a.distance))),
    section('test', single(test)),
  ]
}

/** Images that clash, with those they clash with; groups of test images alone are left to their section. */
function clashGroups(findings: readonly Finding[]): Finding[][] {
  const clashing = findings.filter(({ clashes }) => clashes.length > 0)
  const places = new Map(clashing.map(({ id }, place) => [id, place]))
  const union = openUnion(clashing.length)
  for (const { clashes } of clashing) {
    for (const { id, other } of clashes) union.join(places.get(id) ?? 0, places.get(other) ?? 0)
  }
  const groups = Map.groupBy(clashing.entries(), ([place]) => union.groupOf(place))
  return [...groups.values()]
    .map((members) => members.map(([, finding]) => finding).sort((a, b) => (a.id < b.id ? -1 : 1)))
    .filter((group) => group.some(({ set }) => set === 'train'))
}
