import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { dvcEnvironment } from '../core/dvc-environment.ts'
import { paths } from '../core/paths.ts'

/**
 * Pulls the pinned images from DVC's cache, or from the remote where one is set. Gives whether that succeeded.
 *
 * DVC stays in the process group of the stage, so that a signal to the group reaches it. Its output goes to stderr, unless no
 * remote is set: then it would only report that.
 */
export async function pullImages(): Promise<boolean> {
  const { exitCode } = await execa('dvc', ['pull', paths.pin], {
    env: dvcEnvironment(process.env),
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: (await isRemoteSet()) ? 'inherit' : 'ignore',
  })
  return exitCode === 0
}

async function isRemoteSet(): Promise<boolean> {
  const userConfig = join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'dvc/config')
  const texts = await Promise.all(
    ['.dvc/config', '.dvc/config.local', userConfig].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  return texts.some((text) => /^\s*remote\s*=/m.test(text))
}
