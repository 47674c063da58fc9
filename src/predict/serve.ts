import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Params } from '../command-line/params.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { megabytes } from '../core/files.ts'
import { decodePixels } from '../images/decode.ts'
import { openAnswering } from './answer.ts'
import { type Chosen, loadChosen, type ModelChoice } from './chosen.ts'
import { closeOnSignal, isLoopback, isLoopbackHost, LOOPBACK, listen, parsePort, type RunningServer } from './listen.ts'

/** Larger requests are refused: camera images are smaller. */
const MAX_BYTES = 50_000_000
/** An image must arrive within this time. */
const REQUEST_TIMEOUT_MS = 30_000
/** Requests that are decoded or wait for it; more are refused, so that memory stays bounded. */
const MAX_WAITING = 16

export interface ServeOptions extends ModelChoice {
  readonly port?: string | undefined
  /** The address to bind to; by default this computer only. */
  readonly host?: string | undefined
}

/** Answers requests with a model until Ctrl-C, a line on stdout for each. */
export async function serveModel(params: Params, { port = '0', host, ...choice }: ServeOptions): Promise<string> {
  const parsed = parsePort(port)
  const chosen = await loadChosen('serve', params, choice)
  const server = await openModelServer(chosen, { port: parsed, host, log: (line) => console.log(line) })
  console.log(`serve: ${chosen.name} at ${server.url} (Ctrl-C ends it)`)
  await closeOnSignal(server)
  return 'ended'
}

/**
 * Serves a model.
 *
 *   POST /predict   an image as the body, in any format that paddock reads → 200 and what predict says of it: `Answer`
 *   GET /health     → 200 and which model answers
 *
 * Other answers: 400 not an image, 404, 405, 408 too slow, 413 too large, 415 a form, 503 too busy; the reason is `error` of their JSON.
 */
export async function openModelServer(
  chosen: Chosen,
  options: { readonly port: number; readonly host?: string | undefined; readonly log: (line: string) => void },
): Promise<RunningServer> {
  const { port, host = LOOPBACK, log } = options
  const { name, model, digest } = chosen
  const answering = openAnswering(chosen)
  const who = { config: name, model: digest }
  let waiting = 0

  const predict = async (request: IncomingMessage): Promise<Reply> => {
    if (waiting >= MAX_WAITING) return refusal(503, `${MAX_WAITING} requests are waiting; try again later`)
    waiting++
    try {
      const bytes = await readBody(request)
      if (bytes === undefined) return refusal(413, `Expected at most ${megabytes(MAX_BYTES)}, received more.`)
      const [given] = answering.answer(await decodePixels(bytes, model.image), 1)
      return { status: 200, body: { ...given, ...who } }
    } catch (error) {
      if (error instanceof DataError) return refusal(400, messageOf(error))
      throw error
    } finally {
      waiting--
    }
  }

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const path = (request.url ?? '/').replace(/[?#].*$/, '')
    if (isLoopback(host) && !isLoopbackHost(request.headers.host)) return refusal(403, 'Expected localhost.')
    if (path === '/health') return request.method === 'GET' ? { status: 200, body: who } : refusal(405, 'Expected GET.')
    if (path !== '/predict') return refusal(404, 'Expected POST /predict or GET /health.')
    if (request.method !== 'POST') return refusal(405, 'Expected POST.')
    return isForm(request) ? refusal(415, NO_FORM) : predict(request)
  }

  const listener: RequestListener = async (request, response) => {
    const start = performance.now()
    const given = await answer(request).catch((error: unknown) => refusal(500, messageOf(error)))
    send(response, given)
    const { label = '', error } = given.body
    const outcome = error ?? label ?? 'none of these'
    const milliseconds = Math.round(performance.now() - start)
    log(
      `${request.method} ${JSON.stringify(request.url)} ${given.status} ${milliseconds} ms ${JSON.stringify(outcome)}`,
    )
  }
  const server = await listen(listener, { port, host, requestTimeout: REQUEST_TIMEOUT_MS })
  return {
    url: server.url,
    close: async () => {
      await server.close()
      answering.dispose()
    },
  }
}

/** `curl -F` sends one. */
function isForm({ headers }: IncomingMessage): boolean {
  return /^multipart\//i.test(headers['content-type'] ?? '')
}

const NO_FORM = 'Expected the image itself as the body, received a form. With curl: --data-binary @image.jpg, not -F.'

interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

function refusal(status: number, error: string): Reply {
  return { status, body: { error } }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const content = Buffer.from(`${JSON.stringify(body)}\n`)
  const unread = [413, 415, 503].includes(status) ? { connection: 'close' } : {}
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': content.length, ...unread })
  response.end(content)
}

/** The body of a request; undefined where it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) return undefined
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > MAX_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
