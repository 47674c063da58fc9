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
  return {
    update: (done, note = '') => {
      if (clock() - last < PLAIN_LINE_EVERY_MS) return
      last = clock()
      console.error(`${label} ${done}/${total} ${note}`.trimEnd())
    },
    stop: () => {},
  }
}
