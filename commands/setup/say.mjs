/** Set-up's progress: plain lines on stderr, each long step with its seconds at the end of its line. */

let lineIsOpen = false

// A reader that closes the pipe, as `head` does, must not stop set-up.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** Prints one line; an open one is ended first. */
export function say(line) {
  write(`${lineIsOpen ? '\n' : ''}setup: ${line}\n`)
}

/** Prints what is being done, does it, and ends the line with the time it took. */
export async function timed(what, work) {
  const start = performance.now()
  write(`${lineIsOpen ? '\n' : ''}setup: ${what} …`)
  const end = (outcome) => write(lineIsOpen ? ` ${outcome}\n` : `setup: ${what}: ${outcome}\n`)
  try {
    const result = await work()
    end(seconds(start))
    return result
  } catch (error) {
    end('failed')
    throw error
  }
}

/** The time since `start`, as `12.3 s`. */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}

function write(text) {
  process.stderr.write(text)
  lineIsOpen = !text.endsWith('\n')
}
