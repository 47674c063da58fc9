/** A browser for the tests of pages: Debian's chromium, and a font, which it only recommends. */
import { existsSync } from 'node:fs'
import { SetupFailure } from './failure.mjs'
import { run } from './run.mjs'
import { onPath } from './tools.mjs'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']

/** apt must not ask questions. */
const ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive' }

export function hasChromium() {
  return PROGRAMS.some((name) => onPath(name) !== undefined)
}

/** Installs it where that needs no asking: on Debian, as root. @throws SetupFailure that says how, elsewhere. */
export async function makeChromium() {
  if (!existsSync('/etc/debian_version') || process.getuid() !== 0) {
    throw new SetupFailure(
      `Expected a browser, received none of ${PROGRAMS.join(', ')} on PATH.`,
      'Install chromium: `sudo apt-get install chromium` (Debian), `sudo dnf install chromium` (Fedora).',
    )
  }
  await run('apt-get', ['update', '--quiet'], { env: ENVIRONMENT })
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
    env: ENVIRONMENT,
  })
}
