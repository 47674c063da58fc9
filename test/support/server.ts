import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of this machine, for a test. */
export interface LocalServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** What was asked so far. */
  readonly requests: readonly IncomingMessage[]
  /** Answers from now on in another way. */
  answer(listener: RequestListener): void
  close(): Promise<void>
}

export async function serve(first: RequestListener): Promise<LocalServer> {
  const requests: IncomingMessage[] = []
  let listener = first
  const server = createServer((request, response) => {
    requests.push(request)
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => {
      listener = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** For a reader to take what came before the end: what still waits when a connection breaks is lost. */
const READING_MS = 300

/** What a file is served with. */
export interface Served {
  /** None: nothing identifies the version. */
  readonly etag?: string | null
  /** Breaks off after so many bytes of an answer. */
  readonly breakAfter?: number
  /** Knows no ranges. */
  readonly whole?: boolean
  /** Takes a range without a look at If-Range. */
  readonly careless?: boolean
}

/** Serves a file as RFC 9110 has it: ranges, on the condition of If-Range. */
export function fileOf(content: Buffer, { etag = '"1"', breakAfter, whole, careless }: Served = {}): RequestListener {
  return ({ headers }, response) => {
    const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]
    const isRange =
      asked !== undefined && !whole && (careless || [undefined, etag].includes(headers['if-range'] as string))
    const start = isRange ? Number(asked) : 0
    if (start > content.length) return void response.writeHead(416).end()
    const rest = content.subarray(start)
    response.writeHead(isRange ? 206 : 200, {
      ...(etag === null ? {} : { etag }),
      'content-length': rest.length,
      ...(isRange ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    })
    send(response, rest, breakAfter)
  }
}

function send(response: ServerResponse, content: Buffer, breakAfter = Number.POSITIVE_INFINITY): void {
  if (breakAfter >= content.length) return void response.end(content)
  response.write(content.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), READING_MS))
}
