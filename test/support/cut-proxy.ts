import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server on loopback that can break off in the middle of something. */
export interface CutProxy {
  readonly endpoint: string
  /** Breaks every connection, and refuses new ones, once so many more bytes have gone to the server or come from it. */
  cutAfter(bytes: number, direction: 'up' | 'down'): void
  /** Lets everything through again. */
  mend(): void
  /** Whether it broke off since it was last told to. */
  isCut(): boolean
  close(): Promise<void>
}

/** @param onCut is called first */
export async function openCutProxy(target: string, onCut: () => void = () => {}): Promise<CutProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  let counted: 'up' | 'down' = 'up'
  const cut = () => {
    onCut()
    for (const socket of sockets) socket.destroy()
  }
  const pass = (from: Socket, to: Socket, direction: 'up' | 'down') => {
    from.on('data', (chunk: Buffer) => {
      if (direction === counted) left -= chunk.length
      if (left < 0) {
        to.write(chunk.subarray(0, Math.max(0, chunk.length + left)))
        setImmediate(cut)
      } else to.write(chunk)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
    sockets.add(from)
  }
  const server = createServer((client) => {
    if (left < 0) return void client.destroy()
    const upstream = connect(Number(port), hostname)
    pass(client, upstream, 'up')
    pass(upstream, client, 'down')
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (bytes, direction) => {
      left = bytes
      counted = direction
    },
    mend: () => {
      left = Number.POSITIVE_INFINITY
    },
    isCut: () => left < 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((fulfil) => server.close(fulfil))
    },
  }
}
