import { setTimeout as sleep } from 'node:timers/promises'
import { type LiveStatus, readLive } from '../core/live.ts'
import { openBars, terminalWidth } from '../core/progress.ts'
import { isReaderGone } from '../core/reader.ts'

const POLL_MS = 500
/** DVC takes its time between two stages. */
const PATIENCE_MS = 10_000

/**
 * Shows what goes on in this checkout until it ends: bars on a terminal, in a log a line for each piece of work.
 *
 * `npm run repro` and `train` say that they are there as long as they are; another `dvc repro` is over when nothing was to be
 * seen for a while.
 *
 * @returns the line that a person reads in the end
 */
export async function watch(patienceMs: number = PATIENCE_MS): Promise<string> {
  if ((await readLive()).length === 0) return 'nothing runs in this checkout. Start a run: npm run repro'
  const screen = terminalWidth() !== undefined ? openBars() : openLog()
  let lastSeen = performance.now()
  let isAnnounced = false
  while (!isReaderGone()) {
    const found = await readLive()
    isAnnounced ||= found.some(({ label }) => label === '')
    if (found.length > 0) lastSeen = performance.now()
    screen.show(found.filter(({ label }) => label !== ''))
    if (found.length === 0 && (isAnnounced || performance.now() - lastSeen > patienceMs)) break
    await sleep(POLL_MS)
  }
  screen.close()
  return 'the run has ended'
}

interface Screen {
  show(found: readonly LiveStatus[]): void
  close(): void
}

/** A line whenever a process begins another piece of work. */
function openLog(): Screen {
  const labels = new Map<number, string>()
  return {
    show: (found) => {
      for (const { pid, label, done, total, note } of found) {
        if (labels.get(pid) !== label) console.error(`${label} ${done}/${total}${note === '' ? '' : `, ${note}`}`)
        labels.set(pid, label)
      }
    },
    close: () => {},
  }
}
