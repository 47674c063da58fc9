import { once } from 'node:events'
import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'

const LAST_PORT = 65535
/** The port is taken, or only root may use it. */
const OF_PORT = new Set(['EADDRINUSE', 'EACCES'])
/** This computer alone. */
export const LOOPBACK = '127.0.0.1'

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string
  /** Stops it, and ends requests in progress. */
  close(): Promise<void>
}

/** The value of `--port`. @throws ConfigError when it is not a port */
export function parsePort(port: string): number {
  if (/^\d{1,5}$/.test(port) && Number(port) <= LAST_PORT) return Number(port)
  throw new ConfigError(
    `Expected --port to be a number up to ${LAST_PORT}, received ${port}. Without --port a free one is used.`,
  )
}

/**
 * Starts a server.
 *
 * @param port 0: a free one
 * @throws DataError when the address cannot be used
 */
export async function listen(
  listener: RequestListener,
  { port, host = LOOPBACK, ...options }: ServerOptions & { readonly port: number; readonly host?: string | undefined },
): Promise<RunningServer> {
  const server = createServer(options, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = messageOf(error)
      reject(
        new DataError(
          OF_PORT.has(error.code ?? '')
            ? `Expected a free port at ${host}, received ${port}: ${problem}. Name another with --port.`
            : `Expected --host to be an address of this computer, received ${host}: ${problem}. Use 127.0.0.1 for this computer only, 0.0.0.0 for the network.`,
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shown}:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Waits for Ctrl-C or SIGTERM, then closes the server. */
export async function closeOnSignal(server: RunningServer): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await server.close()
}

/** Whether an address to listen at reaches this computer only. */
export function isLoopback(address: string): boolean {
  return /^(127(\.\d+){3}|localhost|::1)$/.test(address)
}

/** Whether a Host header names this computer. Under any other name, a website that resolves it to 127.0.0.1 could read the answers (DNS rebinding). */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])(:\d+)?$/.test(host ?? '')
}
