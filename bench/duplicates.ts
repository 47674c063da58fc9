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
import type { Pair } from '../src/dataset/pairs.ts'
import { inspectImage } from '../src/images/decode.ts'
import type { Frame } from '../src/images/resize.ts'
import { CHANGES, FURTHER_CHANGES } from '../test/support/changes.ts'
import { drawBottle, drawForm } from '../test/support/look-alikes.ts'
import { type Looked, lookAt, lookAtFile, searchAmong } from '../test/support/looks.ts'
import { listPhotographs } from './ours/photographs.ts'

const IMAGE = { size: 224, fit: 'cover' } as const
/** How many distinct images the search is timed on. */
const CROWD = 10_000
/** Look-alikes of each kind. */
const ALIKE = 100
/**
 * Pairs that show one photograph, cropped by more than a tenth, mirrored or in other colours, as a look confirmed. They are not
 * false if they are found once a change makes them more alike.
 */
const SAME = [
  'cat/handepp_214 cat/handepp_216',
  'cat/handepp_003 cat/handepp_150',
  'horse/handepp_129 horse/handepp_130',
]

sharp.cache(false)
sharp.concurrency(1)
const [folder = '', option = '', value = '1'] = process.argv.slice(2)
const every = option === '--every' ? Number(value) : 1
const files = (await listPhotographs(folder)).filter((_, place) => place % every === 0)
const originals = await pMap(files, async (file) => lookAtFile(relative(folder, file), await readFile(file)), {
  concurrency: availableParallelism(),
})
const among = search(originals)
for (const { id, other, kind, distance } of among.pairs) console.log(`${kind} ${distance} ${id} ${other}`)
const rows = []
for (const [change, apply] of Object.entries({ ...CHANGES, ...FURTHER_CHANGES })) {
  const copies = await pMap(
    files,
    async (file) => lookAtFile(`${relative(folder, file)}*`, await apply(await readFile(file))),
    { concurrency: availableParallelism() },
  )
  const { pairs, seconds } = search([...originals, ...copies])
  const right = pairs.filter(({ id, other }) => other === `${id}*`)
  const beside = pairs.filter(isFalse)
  for (const { id, other, kind, distance } of beside) console.log(`${change}: ${kind} ${distance} ${id} ${other}`)
  rows.push({
    change,
    photographs: files.length,
    found: right.length,
    recall: (right.length / files.length).toFixed(4),
    certain: right.filter(({ certainty }) => certainty === 'certain').length,
    false_pairs: beside.length,
    greatest_distance: right.reduce((worst, { distance }) => Math.max(worst, distance), 0).toFixed(3),
    search_seconds: seconds.toFixed(2),
  })
  console.error(JSON.stringify(rows.at(-1)))
}
const crowd = (await pMap(files, async (file) => quarters(file), { concurrency: availableParallelism() }))
  .flat()
  .slice(0, CROWD)
const different = {
  'quarters of photographs, upright and turned': crowd,
  'forms with other numbers': Array.from({ length: ALIKE }, (_, number) => lookAt(`form ${number}`, drawForm(number))),
  'bottles with other labels': Array.from({ length: ALIKE }, (_, n) => lookAt(`bottle ${n}`, drawBottle(n))),
}
for (const [change, images] of Object.entries(different)) {
  const { pairs, seconds } = search(images)
  for (const { id, other, kind, distance } of pairs.slice(0, 10)) console.log(`${kind} ${distance} ${id} ${other}`)
  rows.push({
    change,
    photographs: images.length,
    found: '',
    recall: '',
    certain: pairs.filter(({ certainty }) => certainty === 'certain').length,
    false_pairs: pairs.length,
    greatest_distance: '',
    search_seconds: seconds.toFixed(2),
  })
}
await writeCsv('bench/duplicates.csv', Object.keys(rows[0] ?? {}), rows)
console.log(`pairs among ${files.length} photographs: ${among.pairs.length}`)

/** Whether a pair is of two photographs, or their copies, that are not one. */
function isFalse({ id, other }: Pair): boolean {
  const [a = '', b = ''] = [id, other].map((name) => name.replace(/[.]\w+[*]?$/, '')).sort()
  return a !== b && !SAME.includes(`${a} ${b}`)
}

/** In processor time, since others may be at work here. */
function search(images: readonly Looked[]) {
  const before = process.cpuUsage()
  const pairs = searchAmong(images)
  const { user, system } = process.cpuUsage(before)
  return { pairs, seconds: (user + system) / 1e6 }
}

/** The four quarters of a photograph, each as it is and with rows and columns exchanged: eight that are not one another. */
async function quarters(file: string): Promise<Looked[]> {
  const { frame } = await inspectImage(await readFile(file), IMAGE)
  const [width, height] = [Math.floor(frame.width / 2), Math.floor(frame.height / 2)]
  return [0, 1, 2, 3].flatMap((quarter) => {
    const corner = { x: (quarter & 1) * width, y: (quarter >> 1) * height }
    return [false, true].map((isTurned) => {
      const id = `${relative(folder, file)} ${quarter}${isTurned ? ' turned' : ''}`
      return lookAt(id, cut(frame, { ...corner, width, height, isTurned }))
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
