import { availableParallelism } from 'node:os'
import { delimiter, dirname, resolve } from 'node:path'

/** DVC's program in this checkout. */
export const DVC = '.venv/bin/dvc'

/**
 * The environment of DVC and of the stages that it runs: .venv's programs and this Node first on PATH, no analytics, no
 * buffered output.
 *
 * Python may cache compiled modules in .venv even where the user turned that off: DVC then starts in a third of the time.
 * sharp decodes on libuv's threads, whose number Node reads when it starts: more than processors, since some wait for files.
 */
export function dvcEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folders = [resolve(dirname(DVC)), dirname(process.execPath), ...(environment.PATH ?? '').split(delimiter)]
  return {
    UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism() + 2)),
    ...environment,
    PATH: folders.join(delimiter),
    DVC_NO_ANALYTICS: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '',
  }
}
