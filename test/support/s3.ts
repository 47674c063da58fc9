import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askS3, S3_KEYS } from './s3-request.ts'

/** An S3 server on loopback, in a process of its own, empty at first; what it holds is lost with it. */
export interface S3 {
  readonly endpoint: string
  /** Keys of a bucket. */
  keys(bucket: string): Promise<string[]>
  get(bucket: string, key: string): Promise<Buffer<ArrayBuffer>>
  put(bucket: string, key: string, content: Uint8Array<ArrayBuffer> | string): Promise<void>
  /** Ends it with SIGKILL, where what it holds outlives it; nothing with moto, which holds all in memory. */
  kill(): void
  /** Starts it again where it was killed, with what it held. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** The server's program: moto's, which `npm run setup -- --ci-tools` brings, or MinIO's: PADDOCK_S3_SERVER=/path/to/minio. */
export const S3_SERVER = process.env.PADDOCK_S3_SERVER || '.paddock/ci-tools/moto_server'

interface Program {
  readonly isLasting: boolean
  args(host: string, port: number, folder: string): string[]
}

const SERVERS: Readonly<Record<string, Program>> = {
  moto_server: { isLasting: false, args: (host, port) => ['-H', host, '-p', String(port)] },
  minio: { isLasting: true, args: (host, port, folder) => ['server', '--address', `${host}:${port}`, folder] },
}

const HOST = '127.0.0.1'
const ENVIRONMENT = {
  ...S3_KEYS,
  MINIO_ROOT_USER: S3_KEYS.AWS_ACCESS_KEY_ID,
  MINIO_ROOT_PASSWORD: S3_KEYS.AWS_SECRET_ACCESS_KEY,
  MINIO_BROWSER: 'off',
}

/** Starts the server with these buckets. */
export async function startS3(...buckets: string[]): Promise<S3> {
  const program = SERVERS[basename(S3_SERVER)]
  if (!program) throw new Error(`Expected PADDOCK_S3_SERVER to end in ${Object.keys(SERVERS)}, received ${S3_SERVER}.`)
  const port = await freePort()
  const endpoint = `http://${HOST}:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'paddock-s3-'))
  const start = () => startServer(program.args(HOST, port, folder), endpoint)
  let server = await start()
  const kill = () => void server.kill('SIGKILL')
  const ask = async (...asked: Parameters<typeof askS3>) => {
    const response = await askS3(...asked)
    if (!response.ok) throw new Error(`${asked[0]} ${asked[1]}: ${response.status} ${await response.text()}`)
    return response
  }
  for (const bucket of buckets) await ask('PUT', `${endpoint}/${bucket}`)
  return {
    endpoint,
    keys: async (bucket) => {
      const keys: string[] = []
      for (let more = ''; ; ) {
        const text = await (await ask('GET', `${endpoint}/${bucket}?list-type=2${more}`)).text()
        keys.push(...[...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key as string))
        const token = /<NextContinuationToken>(.*?)</.exec(text)?.[1]
        if (token === undefined) return keys
        more = `&continuation-token=${encodeURIComponent(token)}`
      }
    },
    get: async (bucket, key) => Buffer.from(await (await ask('GET', `${endpoint}/${bucket}/${key}`)).arrayBuffer()),
    put: async (bucket, key, content) => void (await ask('PUT', `${endpoint}/${bucket}/${key}`, content)),
    kill: () => program.isLasting && kill(),
    restart: async () => {
      if (!program.isLasting) return
      if (!server.killed) throw new Error('Expected the server to have been killed, received one that runs.')
      await ended(server)
      server = await start()
    },
    close: async () => {
      kill()
      await ended(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts the program and waits until it answers. */
async function startServer(args: string[], endpoint: string): Promise<ChildProcess> {
  const server = spawn(S3_SERVER, args, { env: { ...process.env, ...ENVIRONMENT }, stdio: 'ignore' })
  const fault = new Promise<boolean>((resolve) => server.once('error', () => resolve(true)))
  const start = performance.now()
  while (!(await askS3('GET', `${endpoint}/`).catch(() => undefined))?.ok) {
    if (server.exitCode !== null || performance.now() - start > 60_000 || (await Promise.race([fault, sleep(100)]))) {
      server.kill('SIGKILL')
      throw new Error(`Expected ${S3_SERVER} to answer at ${endpoint}. Run \`npm run setup -- --ci-tools\`.`)
    }
  }
  return server
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null)
    await new Promise((resolve) => server.once('close', resolve))
}

/** A port of this machine that nothing uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
