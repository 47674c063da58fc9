import { SingleBar } from 'cli-progress'

/** Where a long piece of work tells how far it is. */
export interface Progress {
  /** So many of the whole are done; `note` is a few words more. */
  update(done: number, note?: string): void
  /** Ends the bar. */
  stop(): void
}

const PLAIN_LINE_EVERY_MS = 5000

/**
 * Progress on stderr: a bar on a terminal, and a plain line every five seconds in a log.
 *
 * @param label what is counted, e.g. `fetch: images`
 */
export function openProgress(label: string, total: number, clock: () => number = Date.now): Progress {
  return process.stderr.isTTY ? openBar(label, total) : openLines(label, total, clock)
}

function openBar(label: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} {note} {eta_formatted}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  })
  bar.start(total, 0, { note: '' })
  return { update: (done, note = '') => bar.update(done, { note }), stop: () => bar.stop() }
}

function openLines(label: string, total: number, clock: () => number): Progress {
  let last = clock()
  let first: { readonly done: number; readonly at: number } | undefined
  return {
    update: (done, note = '') => {
      first ??= { done, at: clock() } // what is resumed begins with something done
      if (clock() - last < PLAIN_LINE_EVERY_MS) return
      last = clock()
      const left = timeLeft({ done: done - first.done, toDo: total - done, elapsedMs: last - first.at })
      console.error([`${label} ${done}/${total}`, note, left].filter((words) => words !== '').join(', '))
    },
    stop: () => {},
  }
}

/** `95 s left`, at the speed so far; empty where nothing can be said. */
function timeLeft({ done, toDo, elapsedMs }: { done: number; toDo: number; elapsedMs: number }): string {
  const seconds = (toDo * elapsedMs) / done / 1000
  if (!(done > 0 && toDo >= 0)) return ''
  return seconds < 120 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`
}
