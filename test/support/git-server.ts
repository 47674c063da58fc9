import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** A bare repository served by git's http-backend, which requires the token in GitHub's form. */
export interface GitServer {
  /** `http(s)://127.0.0.1:<port>` */
  readonly url: string
  /** URL of the repository. */
  readonly remote: string
  /** All requests: method, path with query, and each Authorization header. */
  readonly requests: readonly Asked[]
  /** Command lines of all processes on the machine at the time of each request. */
  readonly commandLines: ReadonlySet<string>
  /** Accepts the next push, but closes the connection without a response. */
  loseAnswer(): void
  /** Runs git in the bare repository. */
  git(...args: string[]): Promise<string>
  close(): Promise<void>
}

export interface Asked {
  readonly what: string
  readonly authorizations: readonly string[]
}

/** A key and its certificate, for TLS. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

export async function startGitServer(token: string, identity?: Identity): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-git-server-'))
  const git = async (...args: string[]) => (await execa('git', args, { cwd: join(root, 'images.git') })).stdout
  await execa('git', ['init', '--quiet', '--bare', join(root, 'images.git')])
  const backend = join((await execa('git', ['--exec-path'])).stdout, 'git-http-backend')
  const wanted = `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const requests: Asked[] = []
  const commandLines = new Set<string>()
  let isLosing = false

  const handle: RequestListener = async (request, response) => {
    const asked = { what: `${request.method} ${request.url}`, authorizations: authorizationsOf(request) }
    requests.push(asked)
    for (const line of await readCommandLines()) commandLines.add(line)
    if (asked.authorizations.length > 1) return void response.writeHead(400).end('Duplicate header: Authorization')
    if (asked.authorizations[0]?.replace(/^basic/i, 'basic') !== wanted) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('Who is it?\n')
    }
    const answer = await runBackend(backend, root, request)
    // Git sends four bytes before a large push to see whether it is allowed.
    if (!isLosing || !asked.what.startsWith('POST') || request.headers['content-length'] === '4')
      return send(response, answer)
    isLosing = false
    request.socket.destroy()
  }
  const server = identity ? createSecureServer(identity, handle) : createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${identity ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    remote: `${url}/images.git`,
    requests,
    commandLines,
    loseAnswer: () => {
      isLosing = true
    },
    git,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A self-signed certificate for 127.0.0.1. */
export async function makeIdentity(): Promise<Identity> {
  const ask = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout - -subj /CN=test'
  const { stdout } = await execa('openssl', [...ask.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1'])
  const [key = '', cert = ''] = stdout.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? []
  return { key, cert: `${cert}\n` }
}

/** From the raw headers, since Node's `headers` hide a second one. */
function authorizationsOf({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, place) => rawHeaders[place - 1]?.toLowerCase() === 'authorization' && place % 2 === 1)
}

async function readCommandLines(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')) // the process may have ended
  return (await Promise.all(read)).map((line) => line.replaceAll('\0', ' ').trim())
}

/** The program's response by RFC 3875: headers, an empty line, the body. */
async function runBackend(program: string, root: string, request: IncomingMessage): Promise<Buffer> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git.test')
  const { 'content-type': type, 'content-length': length, 'content-encoding': encoding } = request.headers
  const child = spawn(program, {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'x-access-token',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      ...(type && { CONTENT_TYPE: type }),
      ...(length && { CONTENT_LENGTH: length }),
      ...(encoding && { HTTP_CONTENT_ENCODING: encoding }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(child.stdin)
  const parts: Buffer[] = []
  for await (const part of child.stdout) parts.push(part)
  return Buffer.concat(parts)
}

function send(response: ServerResponse, answer: Buffer): void {
  const end = answer.indexOf('\r\n\r\n')
  const headers = answer
    .toString('latin1', 0, end)
    .split('\r\n')
    .map((line) => line.split(': ') as [string, string])
  const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
  response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers)).end(answer.subarray(end + 4))
}
