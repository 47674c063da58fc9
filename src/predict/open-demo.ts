import { once } from 'node:events'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { openDemoServer } from './demo-server.ts'

const LAST_PORT = 65535

/** Serves the demo, says where, and ends when a signal comes. */
export async function openDemo({ port = '0' }: { readonly port?: string | undefined }): Promise<string> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > LAST_PORT) {
    throw new ConfigError(
      `Expected --port to be a number up to ${LAST_PORT}, received ${port}. Leave it away for a free one.`,
    )
  }
  const server = await openDemoServer(paths.demo, Number(port))
  console.log(`demo: ${server.url} (Ctrl-C ends it)`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await server.close()
  return 'ended'
}
