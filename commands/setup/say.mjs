/** What set-up tells while it works: plain lines on stderr, each long step with its seconds at the end of its line. */

/** One line. */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`)
}

/** Says what is being done, does it, and ends the line with the time it took. */
export async function timed(what, work) {
  const start = performance.now()
  process.stderr.write(`setup: ${what} …`)
  try {
    const result = await work()
    process.stderr.write(` ${seconds(start)}\n`)
    return result
  } catch (error) {
    process.stderr.write(' failed\n')
    throw error
  }
}

/** The time since `start`, as `12.3 s`. */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
