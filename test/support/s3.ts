import { spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** An S3 server on loopback, in a process of its own, empty at first; what it holds is lost with it. */
export interface S3 {
  readonly endpoint: string
  /** Keys of a bucket. */
  keys(bucket: string): Promise<string[]>
  close(): Promise<void>
}

const MOTO = '.paddock/ci-tools/moto_server'

/** What any key is to this server. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-secret' }

/** Starts moto's S3 with these buckets. */
export async function startS3(...buckets: string[]): Promise<S3> {
  const port = await freePort()
  const server = spawn(MOTO, ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, ...S3_KEYS },
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const endpoint = `http://127.0.0.1:${port}`
  const close = async () => {
    server.kill('SIGKILL')
    await ended
  }
  const start = performance.now()
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    if (server.exitCode !== null || performance.now() - start > 60_000) {
      await close()
      throw new Error(`Expected ${MOTO} to answer at ${endpoint}. Run \`npm run setup -- --ci-tools\`.`)
    }
    await sleep(100)
  }
  for (const bucket of buckets) await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })
  return {
    endpoint,
    close,
    keys: async (bucket) => {
      const text = await (await fetch(`${endpoint}/${bucket}?list-type=2&max-keys=10000`)).text()
      return [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key as string)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
