/**
 * What checking arrays against their CRCs costs: the processor time of reading an array of the photographs' size with checks,
 * relative to reading it without (median over pairs of adjacent turns), and that of the CRCs, which writing adds.
 *
 * usage   pipeline/node bench/checks.ts
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { openPacked, writePacked } from '../src/batches/packed.ts'
import { readCsv } from '../src/core/csv.ts'
import { readSha256 } from '../src/core/files.ts'
import { type NpyFile, openNpy } from '../src/core/npy.ts'
import { seededRng } from '../src/core/random.ts'
import { median } from './statistics.ts'

const IMAGES = 1279
const SIZE = 224
const PAIRS = 9
const AT_ONCE = 32

const folder = await mkdtemp(join(tmpdir(), 'paddock-bench-'))
try {
  const rng = seededRng(1, 'bench')
  const pixels = Uint8Array.from({ length: SIZE * SIZE * 3 }, () => 256 * rng())
  const rows = Array.from({ length: IMAGES }, (_, row) => ({ id: String(row), label: 'a', variant: 0 }))
  await writePacked(folder, 'train', { rows, size: SIZE }, async (writeRow) => {
    for (const row of rows.keys()) await writeRow(row, pixels)
  })
  const checked = async () => read((await openPacked('train', folder)).file)
  const plain = async () => {
    await readCsv(join(folder, 'train.csv'), ['id', 'label', 'variant'])
    await read(await openNpy(join(folder, 'train.npy')))
  }
  const turns: { checked: number; plain: number }[] = []
  await plain() // into the page cache
  for (let pair = 0; pair < PAIRS; pair++) turns.push({ plain: await timed(plain), checked: await timed(checked) })
  const ratio = median(turns.map((turn) => turn.checked / turn.plain))
  const more = median(turns.map((turn) => turn.checked - turn.plain))
  const crcs = await timed(async () => {
    for (let row = 0; row < IMAGES; row++) crc32(pixels)
  })
  console.log(
    `reading ${((IMAGES * pixels.length) / 1e6).toFixed(1)} MB: ${ratio.toFixed(2)} of the time without checks, ${more.toFixed(0)} ms more`,
  )
  const sha256 = await timed(async () => void (await readSha256(join(folder, 'train.npy'))))
  console.log(`the CRCs that writing adds: ${crcs.toFixed(0)} ms; a SHA-256 of the file: ${sha256.toFixed(0)} ms`)
} finally {
  await rm(folder, { recursive: true })
}

async function read(file: NpyFile): Promise<void> {
  const target = new Uint8Array(AT_ONCE * SIZE * SIZE * 3)
  for (let row = 0; row < IMAGES; row += AT_ONCE) {
    const indices = Array.from({ length: Math.min(AT_ONCE, IMAGES - row) }, (_, place) => row + place)
    await file.readRows(indices, target)
  }
  await file.close()
}

/** Milliseconds of processor time. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
