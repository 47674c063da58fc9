/**
 * A GitHub server for tests, as far as our workflows use it: comments, check runs and releases of any repository, in memory.
 *
 * Every request and response is validated against GitHub's OpenAPI description. An invalid request gets 422; an invalid response is
 * a fault of this server and becomes a 500. `violations` has both.
 *
 * usage   node test/support/github-server.ts [--port 0]
 * prints  http://127.0.0.1:PORT; ends when its standard input closes, or with a signal
 *
 * Tokens: `expired` is refused, `read-only` cannot write, `user:NAME` writes as NAME, any other as github-actions[bot].
 * GET /_server returns everything; POST /_server/faults adds a list of faults; POST /_server/reset deletes all.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { OpenAPIBackend } from 'openapi-backend'
import { readDescription } from './github-description.ts'
import { type Asked, failure, type GitHubState, operationsOf, type Reply } from './github-state.ts'

/** An error to return instead of the response. */
export interface Fault {
  readonly method?: string
  /** The end of the path. */
  readonly path: string
  readonly status: number
  /** How often; 1 by default. */
  readonly times?: number
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the request is carried out before the error. */
  readonly isDone?: boolean
}

/** A request and the status of its response. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly atMs: number
}

export interface GitHubServer {
  readonly url: string
  readonly state: GitHubState
  readonly exchanges: readonly Exchange[]
  /** Requests and responses that do not match the description. */
  readonly violations: readonly string[]
  fail(...faults: readonly Fault[]): void
  /** Runs `work` just before the next request whose path ends so. */
  before(path: string, work: () => void): void
  reset(): void
  close(): Promise<void>
}

const BOT = 'github-actions[bot]'

export async function startGitHub(port = 0): Promise<GitHubServer> {
  const { document, examples } = await readDescription()
  const api = new OpenAPIBackend({
    definition: document,
    quick: true,
    ajvOpts: { strict: false },
    customizeAjv: withFormats,
  })
  const state: GitHubState = { comments: [], pulls: [], checkRuns: [], releases: [] }
  const exchanges: Exchange[] = []
  const violations: string[] = []
  const faults: (Fault & { left: number })[] = []
  const hooks: { path: string; work: () => void }[] = []

  const answer = async (
    asked: Asked,
    request: { method: string; path: string; headers: Record<string, string> },
  ): Promise<Reply> => {
    const fault = faults.find(
      (each) => each.left > 0 && request.path.endsWith(each.path) && (each.method ?? request.method) === request.method,
    )
    if (fault) fault.left--
    if (fault && !fault.isDone)
      return { ...failure(fault.status, fault.message ?? 'A fault of the test'), headers: fault.headers } as Reply
    const reply = await api.handleRequest(
      {
        ...request,
        query: asked.query,
        body: request.headers['content-type']?.includes('json') ? asked.body : undefined,
      },
      asked,
    )
    return fault ? failure(fault.status, fault.message ?? 'A fault of the test') : reply
  }

  const operations = operationsOf(state, examples)
  for (const [name, work] of Object.entries(operations)) {
    api.register(name, (context, asked: Asked) => {
      const params = context.request.params as Record<string, string>
      const reply = work({ ...asked, params })
      const faultsOfAnswer =
        reply.status < 400
          ? context.api.validateResponse(reply.body, context.operation, reply.status).errors
          : undefined
      if (!faultsOfAnswer || reply.status === 204) return reply
      violations.push(`response of ${name}: ${JSON.stringify(faultsOfAnswer)}`)
      return failure(500, 'The response does not match the description')
    })
  }
  api.register('validationFail', (context) => {
    violations.push(`request of ${context.operation.operationId}: ${JSON.stringify(context.validation.errors)}`)
    return failure(
      422,
      `Invalid request.\n\n${JSON.stringify(context.validation.errors?.map(({ message }) => message))}`,
    )
  })
  api.register('notFound', () => failure(404, 'Not Found'))
  api.register('notImplemented', () => failure(501, 'Not implemented by this server'))
  await api.init()

  const reset = () => {
    for (const list of [
      state.comments,
      state.pulls,
      state.checkRuns,
      state.releases,
      exchanges,
      violations,
      faults,
      hooks,
    ])
      list.length = 0
  }
  const control = (path: string, body: unknown): Reply => {
    if (path === '/_server/faults')
      faults.push(...(body as Fault[]).map((fault) => ({ ...fault, left: fault.times ?? 1 })))
    if (path === '/_server/reset') reset()
    return { status: 200, body: { ...state, exchanges, violations } }
  }

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { pathname: path, searchParams } = new URL(incoming.url ?? '/', 'http://github.test')
    const method = incoming.method ?? 'GET'
    const content = await readAll(incoming)
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
    const body = headers['content-type']?.includes('json') && content.length > 0 ? JSON.parse(content.toString()) : {}
    if (path.startsWith('/_server')) return send(outgoing, control(path, body))
    const place = hooks.findIndex((hook) => path.endsWith(hook.path))
    for (const hook of place < 0 ? [] : hooks.splice(place, 1)) hook.work()
    const token = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1]
    const login = token?.startsWith('user:') ? token.slice('user:'.length) : BOT
    const asked: Asked = {
      login,
      params: {},
      query: Object.fromEntries(searchParams),
      body,
      content,
      origin: originOf(server),
    }
    const reply =
      token === undefined || token === 'expired'
        ? failure(401, 'Bad credentials')
        : token === 'read-only' && method !== 'GET'
          ? failure(403, 'Resource not accessible by integration')
          : await answer(asked, { method, path, headers })
    exchanges.push({ method, path, status: reply.status, atMs: performance.now() })
    send(outgoing, reply)
  }
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      violations.push(String(error))
      send(outgoing, failure(500, String(error)))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: originOf(server),
    state,
    exchanges,
    violations,
    fail: (...more) => void control('/_server/faults', more),
    before: (path, work) => void hooks.push({ path, work }),
    reset,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(
  outgoing: ServerResponse,
  reply: Reply & { headers?: Readonly<Record<string, string>> | undefined },
): void {
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body)
  outgoing.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers }).end(text)
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  return Buffer.concat(parts)
}

function originOf(server: ReturnType<typeof createServer>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Adds the description's formats that JSON Schema does not define. */
function withFormats<T extends { addFormat(name: string, format: unknown): unknown }>(ajv: T): T {
  ajv.addFormat('uri', (text: string) => URL.canParse(text))
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
  for (const name of ['int64', 'int32', 'binary', 'email', 'repo.nwo', 'timestamp', 'ssh-key', 'date'])
    ajv.addFormat(name, true)
  return ajv
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
  const server = await startGitHub(Number(values.port))
  console.log(server.url)
  process.stdin.resume().on('end', () => process.exit())
}
