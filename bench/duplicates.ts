/**
 * How many changed copies of photographs the search for near duplicates finds, what it finds beside, and how fast it is.
 *
 * usage   node --import tsx bench/duplicates.ts DIR [--every N]
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
import { findPairs } from '../src/dataset/pairs.ts'
import { inspectImage } from '../src/images/decode.ts'
import { type Fingerprint, fingerprintOf } from '../src/images/fingerprint.ts'
import { CHANGES } from './changes.ts'
import { listPhotographs } from './ours/photographs.ts'

const IMAGE = { size: 224, fit: 'cover' } as const
const CROWD = 10_000

interface Picture {
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
const crowd = makeCrowd(originals)
rows.push({
  change: `${CROWD} pictures`,
  photographs: crowd.length,
  found: '',
  recall: '',
  false_pairs: '',
  greatest_distance: '',
  search_seconds: search(crowd).seconds.toFixed(2),
})
await writeCsv('bench/duplicates.csv', Object.keys(rows[0] ?? {}), rows)
console.log(`pairs among ${files.length} photographs: ${among.pairs.length}`)

async function look(id: string, bytes: Buffer): Promise<Picture> {
  const { frame } = await inspectImage(bytes, IMAGE)
  return { id, sha256: sha256(bytes), fingerprint: fingerprintOf(frame) }
}

/** In processor time, since others may be at work here. */
function search(pictures: readonly Picture[]) {
  const before = process.cpuUsage()
  const pairs = findPairs(pictures, new Map(pictures.map(({ sha256, fingerprint }) => [sha256, fingerprint])))
  const { user, system } = process.cpuUsage(before)
  return { pairs, seconds: (user + system) / 1e6 }
}

/** As many pictures as stand in no other file: halves of two photographs each, side by side. */
function makeCrowd(pictures: readonly Picture[]): Picture[] {
  return Array.from({ length: CROWD }, (_, place) => {
    const left = pictures[place % pictures.length] as Picture
    const right = pictures[(place * 7 + Math.floor(place / pictures.length) + 1) % pictures.length] as Picture
    const pixels = new Uint8Array(64 * 64 * 3)
    for (let at = 0; at < 64 * 64; at++) {
      const { grey } = (at % 64 < 32 ? left : right).fingerprint
      pixels.fill(grey[at] as number, 3 * at, 3 * at + 3)
    }
    return { id: String(place), sha256: String(place), fingerprint: fingerprintOf({ pixels, width: 64, height: 64 }) }
  })
}
