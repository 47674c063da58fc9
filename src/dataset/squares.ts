import { appendFileSync, mkdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { formatNpyHeader, type NpyFile, openNpy } from '../core/npy.ts'
import type { ManifestRow } from './manifest.ts'

/**
 * The decoded images that fetch passes to augment, each uint8 `[S, S, 3]`, in at most 256 shards `<two digits>.npy`.
 *
 * The shard of an image follows from the first two digits of its file's SHA-256, so that ten new images rewrite ten shards at
 * most. The rows of a shard are the different SHA-256s of the manifest that start with its digits, sorted; files of the same
 * content share a row. The table beside the folder, `<folder>.csv`, has the CRC of every square.
 */
const DIGITS = 2
const COLUMNS = ['sha256', 'crc32'] as const

/** Collects squares in any order; the shards are the same for every order. */
export interface SquareWriter {
  /** Keeps a square, unless there is one of the same SHA-256. The caller leaves it as it is. */
  add(sha256: string, square: Uint8Array): void
  /** Writes the shards and the table. */
  finish(): Promise<void>
}

/** Squares are written to their shards when so many bytes have come together: to open a file for each would cost more. */
const PENDING_BYTES = 2 ** 25

/** Opens a writer for squares `[size, size, 3]`. Holds one shard or `PENDING_BYTES` in memory, never all of them. */
export function openSquareWriter(folder: string, size: number): SquareWriter {
  const bytes = size * size * 3
  const arrived = new Map<string, Set<string>>() // SHA-256s by shard, in order of arrival
  const crcs = new Map<string, number>()
  const pathOf = (shard: string) => join(folder, `${shard}.raw`)
  mkdirSync(folder, { recursive: true })
  const pending = new Map<string, Uint8Array[]>() // by shard
  let pendingBytes = 0
  const writePending = () => {
    for (const [shard, squares] of pending) appendFileSync(pathOf(shard), Buffer.concat(squares))
    pending.clear()
    pendingBytes = 0
  }
  return {
    add: (sha256, square) => {
      const shard = shardOf(sha256)
      const hashes = arrived.get(shard) ?? new Set()
      if (hashes.has(sha256)) return
      pending.set(shard, [...(pending.get(shard) ?? []), square])
      crcs.set(sha256, crc32(square))
      arrived.set(shard, hashes.add(sha256))
      pendingBytes += bytes
      if (pendingBytes >= PENDING_BYTES) writePending()
    },
    finish: async () => {
      writePending()
      for (const [shard, hashes] of arrived) {
        const raw = await readFile(pathOf(shard))
        const squares = new Map([...hashes].map((hash, i) => [hash, raw.subarray(i * bytes, (i + 1) * bytes)]))
        const sorted = [...hashes].sort().map((hash) => squares.get(hash) as Buffer)
        const header = formatNpyHeader([hashes.size, size, size, 3])
        await writeFileAtomically(shardPath(folder, shard), Buffer.concat([header, ...sorted]))
        await rm(pathOf(shard))
      }
      const rows = [...crcs].map(([sha256, crc]) => ({ sha256, crc32: crc }))
      await writeCsv(
        `${folder}.csv`,
        COLUMNS,
        rows.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
      )
    },
  }
}

/** Squares open for reading; close them. */
export interface Squares {
  /** The square of an image, uint8 `[S, S, 3]`. @throws DataError for an id that is not in the manifest */
  read(id: string): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Opens the squares of a manifest; shards are opened when they are first read.
 *
 * @throws DataError from `read` when a shard does not belong to the manifest, or has images of another size
 */
export function openSquares(folder: string, manifest: readonly ManifestRow[], size: number): Squares {
  const hashes = new Map(manifest.map(({ id, sha256 }) => [id, sha256]))
  const shards = Map.groupBy([...new Set(hashes.values())].sort(), shardOf) // the SHA-256s of their rows
  const files = new Map<string, Promise<NpyFile>>()
  let crcs: Promise<ReadonlyMap<string, number>> | undefined
  const open = async (shard: string) => {
    crcs ??= readCrcs(folder)
    const known = await crcs
    const rows = shards.get(shard) ?? []
    const shape = [rows.length, size, size, 3]
    return openShard(shardPath(folder, shard), { shape, crcs: rows.map((hash) => known.get(hash) ?? Number.NaN) })
  }
  return {
    read: async (id) => {
      const hash = hashes.get(id)
      if (hash === undefined) {
        throw new DataError(
          `Expected ${id} among the images that fetch accepted, received none. Run fetch and split again.`,
        )
      }
      const shard = shardOf(hash)
      const file = files.get(shard) ?? open(shard)
      files.set(shard, file)
      const square = new Uint8Array(size * size * 3)
      await (await file).readRows([shards.get(shard)?.indexOf(hash) ?? 0], square)
      return square
    },
    close: async () => {
      await Promise.allSettled([...files.values()].map(async (file) => (await file).close()))
    },
  }
}

function shardOf(sha256: string): string {
  return sha256.slice(0, DIGITS)
}

/** CRC-32 of each square, by SHA-256. */
async function readCrcs(folder: string): Promise<ReadonlyMap<string, number>> {
  const rows = await readCsv(`${folder}.csv`, COLUMNS)
  return new Map(rows.map(({ sha256, crc32 }) => [sha256, Number(crc32)]))
}

async function openShard(
  path: string,
  { shape, crcs }: { readonly shape: readonly number[]; readonly crcs: readonly number[] },
): Promise<NpyFile> {
  const file = await openNpy(path, crcs)
  if (file.shape.join() === shape.join()) return file
  await file.close()
  throw new DataError(
    `Expected an array ${shape.join(' x ')} in ${path}, received ${file.shape.join(' x ')}. Run fetch again.`,
  )
}

function shardPath(folder: string, shard: string): string {
  return join(folder, `${shard}.npy`)
}
