import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'

/** Opens a page in the user's browser; returns one line that says so, or where the page is. @throws DataError where there is no page. */
export async function openPage(path: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (!(await exists(path))) {
    throw new DataError(`Expected a page at ${path}, received nothing. Run \`npm run repro\`.`)
  }
  const address = pathToFileURL(resolve(path)).href
  const hasDisplay = environment.DISPLAY || environment.WAYLAND_DISPLAY
  const openers = [['wslview', path], ...(hasDisplay ? [['xdg-open', address]] : [])] as const // WSL translates a path
  for (const [program, page] of openers) {
    const options = { stdio: 'ignore', reject: false, timeout: 10_000, env: environment, extendEnv: false } as const
    const { exitCode, timedOut } = await execa(program, [page], options)
    if (exitCode === 0 || timedOut) return `the browser shows ${path}`
  }
  return `no browser here; open ${address}`
}
