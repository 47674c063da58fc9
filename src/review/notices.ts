import { parseCsv } from '../core/csv.ts'
import { paths } from '../core/paths.ts'
import { compareTestSets } from '../dataset/test-set.ts'
import type { Checkout } from '../dvc/checkout.ts'
import { valueAt } from '../dvc/pipeline.ts'
import { chosenOf } from '../gate/gate.ts'
import type { Quote } from '../gate/verdict.ts'
import { changedFiles } from '../git/read.ts'
import { firstOf, pluralize } from '../scores/format.ts'
import { type Answer, isWrong } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import { isSnapshot, type NoSnapshot, type Snapshot } from './snapshot.ts'
import { testSetIn } from './verify/results.ts'

/** A change that bears on the verdict, besides those of the model; each has a line of its own. */
export interface Notice {
  /** `warning`: the verdict may look better than the model is, so it gets no green tick. */
  readonly level: 'note' | 'warning' | 'failure'
  readonly title: string
  /** A sentence, with what the author wrote quoted. */
  readonly describe: (quote: Quote) => string
}

export interface Compared {
  /** Where the head left the base, which may have moved on since. */
  readonly fork: { readonly commit: string; readonly files: Checkout }
  readonly base: Snapshot | NoSnapshot
  readonly head: Snapshot
}

/** The files that judge and publish: in the workflow the base's, from the merge on the head's. */
const JUDGES = [
  '.github',
  ...['gate', 'review', 'scores', 'evaluate', 'records', 'github', 'git'].map((room) => `src/${room}`),
  ...['pipeline/evaluate.ts', 'pipeline/gate.ts', 'commands/ci.ts', 'commands/review.ts', 'commands/verify.ts'],
]

/** The files that word the sentences and tables of results/. */
const WRITERS = ['src/report', 'src/scores', 'src/gate', 'src/core']

const NAMED = 5

/** Everything that a pull request changes about how its model is measured. @throws DataError for a malformed file of the head */
export function listNotices(compared: Compared): Notice[] {
  return [
    testSetNotice(compared),
    unseenNotice(compared),
    exclusionsNotice(compared),
    pinNotice(compared),
    ...ledgersOf(compared).map((path) => ledgerNotice(compared, path)),
    judgesNotice(compared),
  ].filter((notice) => notice !== undefined)
}

/** Sentences that differ are not the head's fault if it changes the code that words them: the base's code cannot tell. */
export function wordingNotice({ fork, head }: Compared, texts: readonly string[]): Notice | undefined {
  const changed = changedFiles(fork.commit, head.commit, WRITERS)
  if (texts.length === 0 || changed.length === 0) return undefined
  return {
    level: 'warning',
    title: 'Wording',
    describe: (quote) =>
      `${firstOf(texts.map(quote), NAMED)}. This pull request changes the code that words them (${firstOf(changed.map(quote), NAMED)}), so read these files.`,
  }
}

function testSetNotice({ fork, base, head }: Compared): Notice | undefined {
  const before = readOr([], () => testSetIn(fork.files))
  const after = testSetIn(head.files)
  const changes = compareTestSets(before, after)
  if (changes.length === 0) return undefined
  const ofKind = (kind: RegExp) => changes.filter(({ reason }) => kind.test(reason))
  const [added, dropped, relabelled] = [ofKind(/^added$/), ofKind(/^dropped$/), ofKind(/^relabelled/)]
  const others = changes.length - added.length - dropped.length - relabelled.length
  return {
    level: changes.length > added.length ? 'warning' : 'note',
    title: 'Test set',
    describe: (quote) => {
      const named = [...dropped, ...relabelled, ...ofKind(/^(changed|was)/), ...added]
      const list = named.map(({ id, reason }) => `${quote(id)} ${quote(reason)}`)
      return `${before.length} → ${pluralize(after.length, 'image')}: ${added.length} in, ${dropped.length} out, ${relabelled.length} relabelled${others > 0 ? `, ${others} replaced or renamed` : ''} (${firstOf(list, NAMED)}).${wrongAmong(dropped, base, quote)}`
    },
  }
}

/** Validation and holdout images that came, went or have another label, as the results of both commits have them. */
function unseenNotice({ base, head }: Compared): Notice | undefined {
  if (!isSnapshot(base)) return undefined
  const labelsOf = (snapshot: Snapshot) =>
    new Map(answersOf(snapshot).flatMap(({ id, part, label }) => (part === 'test' ? [] : [[id, label] as const])))
  const [before, after] = [labelsOf(base), labelsOf(head)]
  const added = [...after.keys()].filter((id) => !before.has(id))
  const dropped = [...before.keys()].filter((id) => !after.has(id))
  const relabelled = [...after].flatMap(([id, label]) => (before.has(id) && before.get(id) !== label ? [id] : []))
  if (added.length + dropped.length + relabelled.length === 0) return undefined
  return {
    level: dropped.length + relabelled.length > 0 ? 'warning' : 'note',
    title: 'Validation and holdout',
    describe: (quote) => {
      const named = [...dropped, ...relabelled].map(quote)
      const list = named.length > 0 ? ` (${firstOf(named, NAMED)})` : ''
      return `${before.size} → ${pluralize(after.size, 'image')}: ${added.length} in, ${dropped.length} out, ${relabelled.length} relabelled${list}.${wrongAmong(
        dropped.map((id) => ({ id })),
        base,
        quote,
      )}`
    },
  }
}

function exclusionsNotice({ fork, base, head }: Compared): Notice | undefined {
  const excludedBy = (files: Checkout) => parseCsv(files.textOf(paths.exclude) ?? 'id', ['id'], paths.exclude)
  const [before, after] = [readOr([], () => excludedBy(fork.files)), excludedBy(head.files)]
  const known = new Set(before.map(({ id }) => id))
  const more = after.filter(({ id }) => !known.has(id))
  const fewer = before.length - (after.length - more.length)
  if (more.length + fewer === 0) return undefined
  const parts = new Map(isSnapshot(base) ? answersOf(base).map(({ id, part }) => [id, part]) : [])
  const evaluated = more.filter(({ id }) => parts.has(id))
  const inTest = more.filter(({ id }) => parts.get(id) === 'test')
  return {
    level: evaluated.length > 0 ? 'warning' : 'note',
    title: 'Exclusions',
    describe: (quote) => {
      const named = [...new Set([...evaluated, ...more])].map(({ id }) => quote(id))
      const list = named.length > 0 ? ` (${firstOf(named, NAMED)})` : ''
      return `${more.length} more, ${fewer} fewer; of the new ones, ${inTest.length} were test images and ${evaluated.length - inTest.length} validation or holdout images${list}.${wrongAmong(evaluated, base, quote)}`
    },
  }
}

function pinNotice({ fork, head }: Compared): Notice | undefined {
  const pinOf = (files: Checkout) => {
    const at = (key: string) => String(valueAt(files.valuesIn(paths.pin), `outs.0.${key}`) ?? 'none')
    return { md5: at('md5'), files: at('nfiles') }
  }
  const [before, after] = [readOr({ md5: 'none', files: 'none' }, () => pinOf(fork.files)), pinOf(head.files)]
  if (before.md5 === after.md5) return undefined
  return {
    level: 'note',
    title: 'Data',
    describe: (quote) =>
      `${quote(before.files)} → ${quote(after.files)} files, pin ${quote(before.md5.slice(0, 12))} → ${quote(after.md5.slice(0, 12))}.`,
  }
}

/** The files of records/ whose lines are only ever added. */
function ledgersOf({ fork }: Compared): string[] {
  const files = (fork.files.filesIn('records') ?? []).filter((file) => file.endsWith('.jsonl'))
  return files.map((file) => `records/${file}`)
}

/** A line that is gone is a failure. */
function ledgerNotice({ fork, head }: Compared, path: string): Notice | undefined {
  const linesOf = (files: Checkout) => {
    const lines = (files.textOf(path) ?? '').split('\n').map((line) => line.trim())
    return new Set(lines.filter((line) => line !== ''))
  }
  const [before, after] = [linesOf(fork.files), linesOf(head.files)]
  const removed = [...before].filter((line) => !after.has(line))
  if (removed.length === 0) return undefined
  return {
    level: 'failure',
    title: 'Ledger',
    describe: (quote) =>
      `Expected ${quote(path)} to keep every line, received it without ${removed.length} of ${before.size}. Restore them from git; lines are only ever added.`,
  }
}

function judgesNotice({ fork, head }: Compared): Notice | undefined {
  const changed = changedFiles(fork.commit, head.commit, JUDGES)
  if (changed.length === 0) return undefined
  return {
    level: 'warning',
    title: 'Judging code',
    describe: (quote) =>
      `${pluralize(changed.length, 'file that judges or publishes', 'files that judge or publish')} changed: ${firstOf(changed.map(quote), NAMED)}. The workflow judges by the base's code; the changes count from the merge on.`,
  }
}

/** ` The base's net was wrong on 2 of those out.` */
function wrongAmong(out: readonly { readonly id: string }[], base: Snapshot | NoSnapshot, quote: Quote): string {
  if (!isSnapshot(base)) return ''
  const ids = new Set(out.map(({ id }) => id))
  const wrong = answersOf(base).filter((answer) => ids.has(answer.id) && isWrong(answer))
  const chosen = chosenOf(metricsOf(base.scored)) ?? ''
  return wrong.length > 0 ? ` The base's ${quote(chosen)} was wrong on ${wrong.length} of those out.` : ''
}

/** Of the chosen configuration, or of the first where none is. */
function answersOf({ scored }: Snapshot): readonly Answer[] {
  const name = chosenOf(metricsOf(scored)) ?? Object.keys(scored)[0] ?? ''
  return scored[name]?.predictions ?? []
}

/** What another version wrote at the fork may be unreadable, and is no fault of the head. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
