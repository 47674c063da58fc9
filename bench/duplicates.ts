/**
 * How many changed copies of photographs the search for near duplicates finds, what it finds beside, and how fast it is.
 *
 * usage   node bench/duplicates.ts DIR [--every N]
 * reads   DIR: photographs, one folder a class; --every 10 takes a tenth of them
 * writes  bench/duplicates.csv, and on stdout every pair among the photographs themselves
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import pMap from 'p-map'
import sharp from 'sharp'
import { writeCsv } from '../src/core/csv.ts'
import { sha256 } from '../src/core/files.ts'
import { findPairs } from '../src/fetch/duplicates.ts'
import { type Fingerprint, fingerprintOf } from '../src/fetch/fingerprint.ts'
import { type Frame, inspectImage } from '../src/images/decode.ts'
import { CHANGES } from '../test/support/changes.ts'
import { listPhotographs } from './ours/photographs.ts'

const IMAGE = { size: 224, fit: 'cover' } as const
/** How many distinct images the search is timed on. */
const CROWD = 10_000

interface Image {
  readonly id: string
  readonly sha256: string
  readonly fingerprint: Fingerprint
}

sharp.cache(false)
sharp.concurrency(1)
const [folder = '', option = '', value = '1'] = process.argv.slice(2)
const every = option === '--every' ? Number(value) : 1
const files = (await listPhotographs(folder)).filter((_, place) => place % every === 0)
const originals = await pMap(files, async (file) => look(relative(folder, file), await readFile(file)), {
  concurrency: availableParallelism(),
})
const among = search(originals)
for (const { id, other, kind, distance } of among.pairs) console.log(`${kind} ${distance} ${id} ${other}`)
const rows = []
for (const [change, apply] of Object.entries(CHANGES)) {
  const copies = await pMap(
    files,
    async (file) => look(`${relative(folder, file)}*`, await apply(await readFile(file))),
    { concurrency: availableParallelism() },
  )
  const { pairs, seconds } = search([...originals, ...copies])
  const right = pairs.filter(({ id, other }) => other === `${id}*`)
  const known = new Set(among.pairs.map(({ id, other }) => `${id} ${other}`))
  const beside = pairs.filter(({ id, other }) => {
    const [a, b] = [id, other].map((name) => name.replace(/\*$/, '')).sort()
    return a !== b && !known.has(`${a} ${b}`)
  })
  for (const { id, other, kind, distance } of beside) console.log(`${change}: ${kind} ${distance} ${id} ${other}`)
  const worst = Math.max(...right.map(({ distance }) => distance))
  rows.push({
    change,
    photographs: files.length,
    found: right.length,
    recall: (right.length / files.length).toFixed(4),
    false_pairs: beside.length,
    greatest_distance: worst.toFixed(3),
    search_seconds: seconds.toFixed(2),
  })
  console.error(JSON.stringify(rows.at(-1)))
}
const crowd = (await pMap(files, async (file) => quarters(file), { concurrency: availableParallelism() }))
  .flat()
  .slice(0, CROWD)
const timed = search(crowd)
for (const { id, other, kind, distance } of timed.pairs) console.log(`quarters: ${kind} ${distance} ${id} ${other}`)
rows.push({
  change: 'quarters of photographs, upright and turned',
  photographs: crowd.length,
  found: '',
  recall: '',
  false_pairs: timed.pairs.length,
  greatest_distance: '',
  search_seconds: timed.seconds.toFixed(2),
})
await writeCsv('bench/duplicates.csv', Object.keys(rows[0] ?? {}), rows)
console.log(`pairs among ${files.length} photographs: ${among.pairs.length}`)

async function look(id: string, bytes: Buffer): Promise<Image> {
  const { frame } = await inspectImage(bytes, IMAGE)
  return { id, sha256: sha256(bytes), fingerprint: fingerprintOf(frame) }
}

/** In processor time, since others may be at work here. */
function search(images: readonly Image[]) {
  const before = process.cpuUsage()
  const pairs = findPairs(images, new Map(images.map(({ sha256, fingerprint }) => [sha256, fingerprint])))
  const { user, system } = process.cpuUsage(before)
  return { pairs, seconds: (user + system) / 1e6 }
}

/** The four quarters of a photograph, each as it is and with rows and columns exchanged: eight that are not one another. */
async function quarters(file: string): Promise<Image[]> {
  const { frame } = await inspectImage(await readFile(file), IMAGE)
  const [width, height] = [Math.floor(frame.width / 2), Math.floor(frame.height / 2)]
  return [0, 1, 2, 3].flatMap((quarter) => {
    const corner = { x: (quarter & 1) * width, y: (quarter >> 1) * height }
    return [false, true].map((isTurned) => {
      const id = `${relative(folder, file)} ${quarter}${isTurned ? ' turned' : ''}`
      return { id, sha256: sha256(id), fingerprint: fingerprintOf(cut(frame, { ...corner, width, height, isTurned })) }
    })
  })
}

interface Cut {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly isTurned: boolean
}

function cut(frame: Frame, { x, y, width, height, isTurned }: Cut): Frame {
  const pixels = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = ((y + row) * frame.width + x + column) * 3
      const to = isTurned ? column * height + row : row * width + column
      pixels.set(frame.pixels.subarray(from, from + 3), to * 3)
    }
  }
  return isTurned ? { pixels, width: height, height: width } : { pixels, width, height }
}
