import { MultiBar, SingleBar } from 'cli-progress'
import { type LiveStatus, type LiveWork, publishLive } from './live.ts'

/** Where a long piece of work tells how far it is. */
export interface Progress {
  /**
   * So many of the whole are done.
   *
   * @param note a few words more
   * @param left how long it will take, in words; without, it follows from the speed so far
   */
  update(done: number, note?: string, left?: string): void
  /** Ends the bar. */
  stop(): void
}

export interface ProgressOptions {
  /** In milliseconds. */
  readonly clock?: () => number
  /** How often a log gets a line. */
  readonly lineEveryMs?: number
}

const LINE_EVERY_MS = 5000

/**
 * Progress on stderr: a bar on a terminal, and a plain line every five seconds in a log. `npm run watch` sees it from elsewhere.
 *
 * @param label what is counted, e.g. `fetch: images`
 */
export function openProgress(label: string, total: number, options: ProgressOptions = {}): Progress {
  const { clock = Date.now, lineEveryMs = LINE_EVERY_MS } = options
  const shown = terminalWidth() !== undefined ? openBar(label, total) : openLines(label, total, { clock, lineEveryMs })
  let first: { readonly done: number; readonly at: number } | undefined
  return {
    update: (done, note = '', left) => {
      first ??= { done, at: clock() } // what is resumed begins with something done
      left ??= timeLeft({ done: done - first.done, toDo: total - done, elapsedMs: clock() - first.at })
      const words = [note, left].filter((each) => each !== '').join(', ')
      shown.update(done, words)
      publishLive({ label, done, total, note: words })
    },
    stop: shown.stop,
  }
}

/** What shows it on this terminal, or in this log. */
interface Shown {
  update(done: number, note: string): void
  stop(): void
}

const BAR = { stream: process.stderr, clearOnComplete: true, hideCursor: true } as const

function openBar(label: string, total: number): Shown {
  const bar = new SingleBar({
    ...BAR,
    format: (_options, { value }, { note }) => describeBar({ label, done: value, total, note, columns: columns() }),
  })
  bar.start(total, 0, { note: '' })
  return { update: (done, note) => bar.update(done, { note }), stop: () => bar.stop() }
}

/** A bar on stderr, which is a terminal, for each process that is at work somewhere. */
export function openBars() {
  const screen = new MultiBar({
    ...BAR,
    format: (_options, _params, { label, done, total, note }) =>
      describeBar({ label, done, total, note, columns: columns() }),
  })
  const bars = new Map<number, SingleBar>()
  return {
    show(found: readonly LiveStatus[]): void {
      for (const [pid, bar] of bars) {
        if (!found.some((status) => status.pid === pid) && screen.remove(bar)) bars.delete(pid)
      }
      for (const status of found) {
        const bar = bars.get(status.pid) ?? screen.create(status.total, status.done, status)
        bars.set(status.pid, bar)
        bar.update(status.done, status)
      }
    },
    close: () => screen.stop(),
  }
}

/** Columns of the terminal that stderr is; undefined for a file, and for a terminal of no width, as a workflow's runner has. */
export function terminalWidth(): number | undefined {
  return process.stderr.columns || undefined
}

function columns(): number {
  return terminalWidth() ?? 80
}

function openLines(
  label: string,
  total: number,
  { clock, lineEveryMs }: Required<Pick<ProgressOptions, 'clock' | 'lineEveryMs'>>,
): Shown {
  let last = clock()
  return {
    update: (done, note) => {
      if (clock() - last < lineEveryMs) return
      last = clock()
      console.error([`${label} ${done}/${total}`, note].filter((words) => words !== '').join(', '))
    },
    stop: () => {},
  }
}

const LEAST_BAR = 8
const GREATEST_BAR = 30

/**
 * `label ████░░░░ 12/32, note` in one line of a terminal. The bar takes the room that words leave; where there is none, parts
 * of the note go, the last one, which says how long it will take, after the others.
 */
export function describeBar({ label, done, total, note, columns }: LiveWork & { readonly columns: number }): string {
  const parts = note === '' ? [] : note.split(', ')
  const words = () => [`${done}/${total}`, ...parts].join(', ')
  const room = () => columns - `${label}  ${words()} `.length
  while (room() < LEAST_BAR && parts.length > 0) parts.splice(-2, 1)
  const width = Math.max(Math.min(room(), GREATEST_BAR), LEAST_BAR)
  const full = Math.round((width * Math.min(done, total)) / Math.max(total, 1))
  return `${label} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${words()}`.slice(0, columns - 1)
}

/** `95 s left`, at the speed so far; empty where nothing can be said. */
function timeLeft({ done, toDo, elapsedMs }: { done: number; toDo: number; elapsedMs: number }): string {
  if (!(done > 0 && toDo >= 0)) return ''
  return `${duration((toDo * elapsedMs) / done / 1000)} left`
}

/** `95 s`, `12 min`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
