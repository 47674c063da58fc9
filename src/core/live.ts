import { readFileSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { temporaryName } from './files.ts'
import { paths } from './paths.ts'

const schema = z.object({
  pid: z.int(),
  /** When the process began, in ticks of the kernel's clock; null where nobody says so. */
  began: z.string().nullable(),
  /** What is counted; empty for a run that shows nothing by itself. */
  label: z.string(),
  done: z.number(),
  total: z.number(),
  note: z.string(),
})

/** How far a piece of work is, for whoever watches from elsewhere. */
export type LiveStatus = z.infer<typeof schema>
export type LiveWork = Pick<LiveStatus, 'label' | 'done' | 'total' | 'note'>

const EVERY_MS = 1000

let latest: LiveWork | undefined
let writing: Promise<void> | undefined
let lastMs = Number.NEGATIVE_INFINITY
let cleaning = false

/**
 * Tells watchers what this process is at: a file in .paddock/live that is gone when the process is.
 *
 * Returns at once and writes once a second at most. What cannot be written is left, since work goes on without watchers.
 */
export function publishLive(work: LiveWork, now: number = performance.now()): void {
  latest = work
  if (writing || now - lastMs < EVERY_MS) return
  lastMs = now
  writing = write().finally(() => {
    writing = undefined
  })
}

/** Tells watchers that this process is there, until it ends, though it shows nothing by itself. */
export async function announceLive(): Promise<void> {
  publishLive({ label: '', done: 0, total: 0, note: '' })
  await writing
}

async function write(): Promise<void> {
  const path = fileOf(process.pid)
  if (!cleaning) {
    cleaning = true
    process.once('exit', () => rmSync(path, { force: true }))
  }
  await replaceFile(path, JSON.stringify({ pid: process.pid, began: beginningOf(process.pid), ...latest })).catch(
    () => {},
  )
}

/** Everything that goes on in this checkout, by process; what a killed process left is removed. */
export async function readLive(): Promise<LiveStatus[]> {
  const files = (await readdir(paths.live).catch(() => [])).filter((name) => name.endsWith('.json'))
  const found = await Promise.all(files.map((name) => readStatus(join(paths.live, name))))
  return found.flatMap((status) => (status ? [status] : [])).sort((a, b) => a.pid - b.pid)
}

async function readStatus(path: string): Promise<LiveStatus | undefined> {
  try {
    const status = schema.parse(JSON.parse(await readFile(path, 'utf8')))
    if (isAlive(status)) return status
  } catch {
    return undefined // gone since it was listed
  }
  await rm(path, { force: true })
  return undefined
}

/** Whether a process is there, and is the same that wrote: numbers of processes are used again. */
function isAlive({ pid, began }: LiveStatus): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return beginningOf(pid) === began
}

/** Field 22 of /proc/<pid>/stat, counted after the name in brackets, which may hold anything. */
function beginningOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function fileOf(pid: number): string {
  return join(paths.live, `${pid}.json`)
}

/** Writes a file whole, without waiting for the disk: nothing depends on it after a power cut. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = temporaryName(path)
  await writeFile(temporary, content)
  await rename(temporary, path)
}
