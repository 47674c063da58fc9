import { execa } from 'execa'
import { dvcEnvironment } from '../core/dvc-environment.ts'
import { checkpointsRoot } from '../core/paths.ts'

const PYTHON = '.venv/bin/python'
const SCRIPT = 'src/dvc/checkpoints.py'

/**
 * Trains a configuration, with its checkpoints on the DVC remote: those of a machine that was taken away are downloaded
 * first, and new ones are uploaded as they are written. A remote that fails only warns.
 *
 * The upload is in a process group of its own, so that the signal that stops a training does not stop it before the last
 * checkpoint is on the remote.
 */
export async function carryingCheckpoints<T>(configuration: string, train: () => Promise<T>): Promise<T> {
  const options = { env: dvcEnvironment(process.env), reject: false, stdout: 'ignore', stderr: 'inherit' } as const
  const folder = checkpointsRoot()
  const { exitCode } = await execa(PYTHON, [SCRIPT, 'pull', configuration, folder], options)
  if (exitCode !== 0) console.error('train-one: checkpoints of another machine could not be looked for; see above')
  const upload = execa(PYTHON, [SCRIPT, 'follow', configuration, folder], {
    ...options,
    stdin: 'pipe',
    detached: true,
    cleanup: false,
  })
  try {
    return await train()
  } finally {
    upload.stdin.end()
    await upload
  }
}
