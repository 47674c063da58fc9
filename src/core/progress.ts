import { SingleBar } from 'cli-progress'

/** Shows how far a long piece of work is, until it is stopped: by `stop`, or at the end of the block of a `using`. */
export interface Progress extends Disposable {
  /**
   * @param done how much of the total is done
   * @param note a few more words
   * @param left how long the rest takes, in words; by default it follows from the speed so far
   */
  update(done: number, note?: string, left?: string): void
  /** Removes the bar. */
  stop(): void
}

export interface ProgressOptions {
  /** How often a log gets a line. */
  readonly lineEveryMs?: number
}

const LINE_EVERY_MS = 5000
const BAR_WIDTH = 24

/**
 * Progress on stderr: a bar on a terminal, and a plain line every five seconds in a log.
 *
 * @param label what is counted, e.g. `fetch: images`
 */
export function openProgress(label: string, total: number, options: ProgressOptions = {}): Progress {
  const { lineEveryMs = LINE_EVERY_MS } = options
  const display = isTerminal() ? openBar(label, total) : openLines(label, total, lineEveryMs)
  let first: { readonly done: number; readonly at: number } | undefined
  return {
    update: (done, note = '', left) => {
      first ??= { done, at: Date.now() } // resumed work starts with something done
      left ??= timeLeft({ done: done - first.done, toDo: total - done, elapsedMs: Date.now() - first.at })
      display.update(done, [left, note].filter((each) => each !== '').join(', '))
    },
    stop: display.stop,
    [Symbol.dispose]: display.stop,
  }
}

interface Display {
  update(done: number, note: string): void
  stop(): void
}

/** Whether stderr is a terminal of a known width; the terminal of a workflow's runner has none. */
export function isTerminal(): boolean {
  return Boolean(process.stderr.columns)
}

/** A line that is wider than the terminal is cut there, so what matters most comes first. */
function openBar(label: string, total: number): Display {
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: BAR_WIDTH,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    format: `${label} {bar} {value}/{total} {note}`,
  })
  bar.start(total, 0, { note: '' })
  return { update: (done, note) => bar.update(done, { note }), stop: () => bar.stop() }
}

function openLines(label: string, total: number, everyMs: number): Display {
  let last = Date.now()
  return {
    update: (done, note) => {
      if (Date.now() - last < everyMs) return
      last = Date.now()
      console.error([`${label} ${done}/${total}`, note].filter((words) => words !== '').join(', '))
    },
    stop: () => {},
  }
}

/** `95 s left`, at the speed so far; empty while nothing is known. */
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
