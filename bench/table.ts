import { markdownTable } from 'markdown-table'
import type { RecordedTurn } from './record.ts'
import { type MedianRatio, median, medianRatio, type Pair } from './statistics.ts'
import { type Side, type Work, works } from './works.ts'

/** What the figures were made on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly threads: number
}

const BEGIN = '<!-- figures: written by npm run bench -->'
const END = '<!-- end of figures -->'

/** A text with the figures between its two markers. */
export function withTables(text: string, tables: string): string {
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined)
    throw new Error(`bench/README.md needs the lines ${BEGIN} and ${END}`)
  return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`
}

/** The figures of all works that were run: ratios, arithmetic, and parts. */
export function formatTables(turns: readonly RecordedTurn[], machine: Machine): string {
  const run = works.filter((work) => turns.some((turn) => turn.work === work.name))
  const { processor, cores, threads } = machine
  return [
    `Made on: ${processor}, ${cores} cores, ${threads} threads for everybody.`,
    formatRatios(run, turns),
    run.map(({ title, note }) => `- ${title}: ${note}.`).join('\n'),
    formatArithmetic(run, turns),
    formatParts(run, turns),
    formatOverhead(turns),
  ]
    .filter((section) => section !== '')
    .join('\n\n')
}

function formatRatios(run: readonly Work[], turns: readonly RecordedTurn[]): string {
  const rows = run.flatMap((work) => {
    const [ours, ...peers] = work.sides.map((side) => ({ side, turns: turnsOf(turns, work, side) }))
    if (!ours) return []
    return peers.flatMap((peer) => {
      if (peer.turns.length === 0) return [] // not set up when the work was measured
      const ratio = medianRatio(pairsOf(ours.turns, peer.turns))
      const row = [
        work.title,
        peer.side.name,
        time(ours.turns, work),
        time(peer.turns, work),
        interval(ratio),
        verdict(work, peer.side, ratio),
        `${memory(ours.turns)} / ${memory(peer.turns)}`,
      ]
      return [row]
    })
  })
  const head = ['work', 'peer', 'ours', "peer's", 'ratio (interval, pairs)', 'target', 'peak memory, ours / peer']
  return rows.length === 0 ? '' : markdownTable([head, ...rows])
}

/** Operations a second, and their share of what a product of matrices reached. */
function formatArithmetic(run: readonly Work[], turns: readonly RecordedTurn[]): string {
  const counted = run.filter((work) => work.arithmetic)
  const speed = (work: Work) => {
    const own = turnsOf(turns, work, work.sides[0])
    return median(own.map(({ operations = 0, seconds }) => operations / seconds / 1e9))
  }
  const product = counted.find((work) => work.arithmetic === 'product')
  if (!product) return ''
  const best = speed(product)
  const rows = counted.map((work) => [
    work.title,
    `${speed(work).toFixed(0)} GFLOP/s`,
    `${((100 * speed(work)) / best).toFixed(0)} %`,
  ])
  return markdownTable([['arithmetic of ours', 'median', 'of the product'], ...rows])
}

function formatParts(run: readonly Work[], turns: readonly RecordedTurn[]): string {
  const rows = run.flatMap((work) =>
    work.sides.flatMap((side) => {
      const own = turnsOf(turns, work, side)
      return Object.keys(own[0]?.parts ?? {}).map((part) => [
        work.title,
        side.name,
        part,
        `${median(own.map(({ parts }) => parts?.[part] ?? Number.NaN)).toFixed(2)} s`,
      ])
    }),
  )
  return rows.length === 0 ? '' : markdownTable([['work', 'side', 'part', 'median'], ...rows])
}

/** What the pipeline may take beside the work: 1.2 times the parts that cannot be done without. */
function formatOverhead(turns: readonly RecordedTurn[]): string {
  const ofPart = (side: string, part: string) =>
    median(turns.flatMap((turn) => (turn.side === side ? (turn.parts?.[part] ?? []) : [])))
  const needed = [
    ofPart('paddock through DVC', 'dvc repro again, nothing to do'),
    ...['decode', 'features', 'head', 'starts of node, one a stage'].map((part) =>
      ofPart('paddock in one process', part),
    ),
  ].reduce((sum, seconds) => sum + seconds, 0)
  const ratio = ofPart('paddock through DVC', 'dvc repro') / needed
  if (Number.isNaN(ratio)) return ''
  return `Through DVC the run takes ${ratio.toFixed(2)} times the sum of decoding, features, head, DVC with nothing to do and one start of node a stage (${needed.toFixed(1)} s); to reach: 1.2.`
}

function turnsOf(turns: readonly RecordedTurn[], work: Work, { name }: Side): RecordedTurn[] {
  return turns.filter((turn) => turn.work === work.name && turn.side === name)
}

/** Turns of the same number belong together. */
function pairsOf(ours: readonly RecordedTurn[], peers: readonly RecordedTurn[]): Pair[] {
  return peers.flatMap((peer) => {
    const own = ours.find(({ pair }) => pair === peer.pair)
    return own ? [{ ours: own.seconds, peer: peer.seconds }] : []
  })
}

function time(turns: readonly RecordedTurn[], { unit }: Work): string {
  const seconds = median(turns.map((turn) => turn.seconds)) / unit.count
  return `${seconds < 10 ? `${(1000 * seconds).toFixed(0)} ms` : `${seconds.toFixed(1)} s`} a ${unit.name}`
}

function interval({ ratio, low, high, confidence }: MedianRatio): string {
  return `**${ratio.toFixed(2)}** (${low.toFixed(2)}-${high.toFixed(2)}, ${(100 * confidence).toFixed(1)} %)`
}

function verdict({ target, aside = [] }: Work, { name }: Side, ratio: MedianRatio): string {
  const wanted = typeof target === 'number' ? target : target?.[name]
  if (wanted === undefined || aside.includes(name)) return '–'
  return `${wanted.toFixed(1)}: ${ratio.ratio >= wanted ? 'reached' : 'not reached'}`
}

function memory(turns: readonly RecordedTurn[]): string {
  return `${(Math.max(...turns.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0)} MiB`
}
