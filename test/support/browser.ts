import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The browser of this machine: `PADDOCK_CHROMIUM`, or the first one on the PATH; undefined where there is none. */
export const CHROMIUM = [process.env.PADDOCK_CHROMIUM ?? '', ...NAMES.flatMap(onPath), '/usr/bin/chromium'].find(
  isProgram,
)

/** Stands behind the name of what is skipped where there is no browser. */
export const WITHOUT_CHROMIUM = CHROMIUM === undefined ? ' (skipped: no chromium; npm run setup -- --ci-tools)' : ''

const ARGUMENTS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Starts the browser; close it. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ARGUMENTS.split(' ') })
}

/** What axe-core finds wrong with a page as it is now: the rule and the elements, nothing where all is well. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}

function onPath(name: string): string[] {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
