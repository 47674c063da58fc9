import { execa } from 'execa'
import { dvcEnvironment } from '../core/dvc-environment.ts'
import { dvcCache, dvcSetting, objectPath } from '../core/dvc-objects.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'

/**
 * Pulls the pinned images from DVC's cache, or from the remote where one is set. Gives whether that succeeded. Where there is
 * neither, DVC is not started, which takes a second.
 *
 * DVC stays in the process group of the stage, so that a signal to the group reaches it. Its output goes to stderr, unless no
 * remote is set.
 *
 * @param pin hash of the images
 */
export async function pullImages(pin: string): Promise<boolean> {
  const hasRemote = dvcSetting('.', 'core', 'remote') !== undefined
  if (!hasRemote && !(await exists(objectPath(dvcCache('.'), pin)))) return false
  const { exitCode } = await execa('dvc', ['pull', paths.pin], {
    env: dvcEnvironment(process.env),
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: hasRemote ? 'inherit' : 'ignore',
  })
  return exitCode === 0
}
