import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Traffic since the last `take`. */
export interface Traffic {
  readonly requests: number
  /** Requests by method. */
  readonly methods: Readonly<Record<string, number>>
  readonly bytesUp: number
  readonly bytesDown: number
}

/** Starts a proxy for an HTTP server that counts requests and the bytes of their bodies. */
export async function startCountingProxy(target: string) {
  let methods: Record<string, number> = {}
  let bytesUp = 0
  let bytesDown = 0
  const { hostname, port } = new URL(target)
  const server = createServer((incoming, outgoing) => {
    const method = incoming.method ?? 'GET'
    methods[method] = (methods[method] ?? 0) + 1
    const { url: path, headers } = incoming
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('data', (chunk: Buffer) => {
        bytesDown += chunk.length
      })
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.on('data', (chunk: Buffer) => {
      bytesUp += chunk.length
    })
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take(): Traffic {
      const requests = Object.values(methods).reduce((sum, count) => sum + count, 0)
      const taken = { requests, methods, bytesUp, bytesDown }
      methods = {}
      bytesUp = 0
      bytesDown = 0
      return taken
    },
    close: () => server.close(),
  }
}
