const streams = [process.stdout, process.stderr] as const

let isGone = false
let isWatched = false

/**
 * From now on a reader that goes away, as `head` does when it has its lines, is no error: what is printed for it is dropped,
 * and the work goes on to its end and its exit code, so that nothing is left half done.
 *
 * Node would end the process with the stack of an unhandled EPIPE.
 */
export function ignoreBrokenPipe(): void {
  if (isWatched) return
  isWatched = true
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      isGone = true
    })
  }
}

/** Whether somebody who read what is printed has gone away, for work that does nothing but print. */
export function isPipeBroken(): boolean {
  return isGone
}
