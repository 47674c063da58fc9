import { release } from 'node:os'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'

/** What decides how to open a browser. */
export interface Desktop {
  readonly platform: NodeJS.Platform
  /** Of the operating system; WSL has Microsoft in it. */
  readonly release: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Opens a page in the user's browser; returns one line that says so, or where the page is. @throws DataError where there is no page. */
export async function openPage(
  path: string,
  desktop: Desktop = { platform: process.platform, release: release(), environment: process.env },
): Promise<string> {
  if (!(await exists(path))) {
    throw new DataError(`Expected a page at ${path}, received nothing. Run \`npm run repro\`.`)
  }
  const address = pathToFileURL(resolve(path)).href
  const [program, ...args] = openerOf(desktop)
  if (program !== undefined) {
    const options = { stdio: 'ignore', reject: false, timeout: 10_000, env: desktop.environment } as const
    const { exitCode, timedOut } = await execa(program, [...args, isWsl(desktop) ? path : address], options)
    if (exitCode === 0 || timedOut) return `the browser shows ${path}`
  }
  return `no browser here; open ${address}`
}

/** The desktop's program for opening an address; none without a display. */
function openerOf(desktop: Desktop): string[] {
  const { platform, environment } = desktop
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  if (isWsl(desktop)) return ['wslview']
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? ['xdg-open'] : []
}

function isWsl({ platform, release }: Desktop): boolean {
  return platform === 'linux' && /microsoft/i.test(release)
}
