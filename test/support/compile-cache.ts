import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives all processes of a run of the tests one place for V8's compiled code, as pipeline/node does for a checkout: commands
 * and stages that tests start, hundreds of them, then start in half the time.
 */
export default async function keepCompiledCode(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-compiled-'))
  process.env.NODE_COMPILE_CACHE = folder
  return () => rm(folder, { recursive: true, force: true, maxRetries: 10 }) // a process that ends now still writes there
}
