import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expectRoom, fullDiskError, megabytes } from '../core/disk.ts'
import { exists } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import { whileAlone } from './alone.ts'
import {
  type Begun,
  isSameVersion,
  movePart,
  openPart,
  rangeHeaders,
  readBegun,
  removePart,
  versionIn,
} from './partial.ts'
import { type Patience, patiently, Setback } from './patience.ts'
import { type Answer, ask, type Request } from './request.ts'

/** A large file, and where it is to stand when it is whole. */
export interface LargeFile extends Omit<Request, 'accepts'> {
  /** The command or stage that wants it: `use`. */
  readonly label: string
  readonly path: string
}

const RANGE_NOT_SATISFIABLE = 416
/** A try that comes so much further than those before it was worth it, and patience starts anew. */
const ADVANCE_BYTES = 1e6

/**
 * Downloads a file to its path, where it stands whole or not at all; what came of it stays beside it in `<path>.part`, and the
 * next call goes on from there, in this process or another. Holds a piece of it in memory, never the file.
 *
 * A file that has changed meanwhile, or a server that cannot go on in the middle, makes it start over.
 *
 * @throws DataError when patience is over, the disk is full, or the server refuses
 */
export async function loadLargeFile(file: LargeFile, patience: Patience): Promise<void> {
  if (await exists(file.path)) return
  await mkdir(dirname(file.path), { recursive: true })
  await whileAlone(`${file.path}.lock`, async () => {
    let furthestBytes = 0
    await patiently({ ...file, remedy: () => goOnLater(file.path) }, patience, (onAdvance) =>
      loadRest(file, patience, (doneBytes) => {
        if (doneBytes < furthestBytes + ADVANCE_BYTES) return
        furthestBytes = doneBytes
        onAdvance()
      }),
    )
    await movePart(file.path)
  })
}

async function goOnLater(path: string): Promise<string> {
  const begun = await readBegun(path)
  return begun
    ? `Run it again later; it goes on from the ${megabytes(begun.doneBytes)} that are kept.`
    : 'Run it again later.'
}

async function loadRest(file: LargeFile, patience: Patience, onDone: (doneBytes: number) => void): Promise<void> {
  const begun = await readBegun(file.path)
  if (begun && begun.doneBytes === begun.version.sizeBytes) return
  const headers = { ...file.headers, ...rangeHeaders(begun) }
  const answer = await ask({ ...file, headers, accepts: [RANGE_NOT_SATISFIABLE] }, patience)
  try {
    const version = versionIn(answer)
    const doneBytes = await placeToGoOn(file, begun, answer)
    await write(file, answer, { doneBytes, version }, onDone)
  } finally {
    await answer.close()
  }
}

/** From which byte on the answer is written. @throws Setback when it does not continue what is there, which is then removed. */
async function placeToGoOn(
  { label, what, path }: LargeFile,
  begun: Begun | undefined,
  answer: Answer,
): Promise<number> {
  const isSame = begun !== undefined && isSameVersion(begun.version, versionIn(answer))
  if (answer.status === 200) {
    const reason = isSame ? 'the server cannot go on in the middle' : 'it has changed'
    if (begun) console.error(`${label}: ${what}: ${reason}; from the beginning again`)
    return 0
  }
  const start = answer.headers.get('content-range')?.match(/^bytes (\d+)-/)?.[1]
  if (answer.status === 206 && isSame && Number(start) === begun.doneBytes) return begun.doneBytes
  await removePart(path)
  throw new Setback('it has changed since its download began, which starts over')
}

async function write(
  { label, path }: LargeFile,
  { chunks }: Answer,
  begun: Begun,
  onDone: (doneBytes: number) => void,
): Promise<void> {
  const folder = dirname(path)
  const remedy = 'Make room there, or name another folder in PADDOCK_CACHE, and run it again; what is there is kept.'
  const sizeBytes = begun.version.sizeBytes ?? Number.NaN
  if (!Number.isNaN(sizeBytes)) await expectRoom(folder, sizeBytes - begun.doneBytes, remedy)
  const file = await openPart(path, begun)
  const progress = openProgress(`${label}: MB downloaded`, Math.ceil(sizeBytes / 1e6))
  const start = performance.now()
  let { doneBytes } = begun
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk)
      doneBytes += chunk.length
      onDone(doneBytes)
      const rate = (doneBytes - begun.doneBytes) / 1000 / (performance.now() - start)
      progress.update(Math.floor(doneBytes / 1e6), `${rate.toFixed(1)} MB/s`)
    }
  } catch (error) {
    throw fullDiskError(error, folder, remedy) ?? error
  } finally {
    progress.stop()
    await file.close()
  }
  if (doneBytes < sizeBytes) throw new Setback(`its end after ${doneBytes} of ${sizeBytes} bytes`)
}
