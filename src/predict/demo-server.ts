import { readdir, readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { extname, join, sep } from 'node:path'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { closeOnSignal, isLoopbackHost, listen, parsePort, type RunningServer } from './listen.ts'

/** Serves artifacts/report/demo until Ctrl-C, and prints the address. @throws ConfigError when the port is not one. */
export async function openDemo({ port = '0' }: { readonly port?: string | undefined }): Promise<string> {
  const server = await openDemoServer(paths.demo, parsePort(port))
  console.log(`demo: ${server.url} (Ctrl-C ends it)`)
  await closeOnSignal(server)
  return 'ended'
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.bin': 'application/octet-stream',
}

/** The page loads nothing from other servers and sends them nothing. `blob:` is for the image itself. */
const HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/**
 * Serves the files that are in a folder now at 127.0.0.1, and no others.
 *
 * @param port 0: a free one
 * @throws DataError when the folder holds no demo, or the port is taken.
 */
export async function openDemoServer(folder: string, port = 0): Promise<RunningServer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, string>()
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(`/${path.slice(join(folder, sep).length).split(sep).join('/')}`, path)
  }
  const index = files.get('/index.html')
  if (index === undefined) {
    throw new DataError(`Expected the demo in ${folder}, received none. Run \`npm run repro\`, whose report makes it.`)
  }
  return listen(serve(files.set('/', index)), { port })
}

function serve(files: ReadonlyMap<string, string>): RequestListener {
  return async ({ method, url = '/', headers }, response) => {
    const path = files.get(url.replace(/[?#].*$/, ''))
    if (!isLoopbackHost(headers.host)) return void response.writeHead(403, HEADERS).end()
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, HEADERS).end()
    const content = path === undefined ? undefined : await readFile(path).catch(() => undefined)
    if (path === undefined || !content) return void response.writeHead(404, HEADERS).end()
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    response.writeHead(200, { ...HEADERS, 'content-type': type, 'content-length': content.length })
    response.end(method === 'HEAD' ? undefined : content)
  }
}
