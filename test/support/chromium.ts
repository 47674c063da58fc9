import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser of this machine, or the one that CHROMIUM names; undefined, with a word, where there is none. */
export function findChromium(): string | undefined {
  const place = [process.env.CHROMIUM ?? '', ...PLACES].find((path) => path !== '' && existsSync(path))
  if (!place) console.warn(`no browser at ${PLACES.join(', ')}, nor in CHROMIUM: what needs one is skipped`)
  return place
}
