import { setTimeout as sleep } from 'node:timers/promises'
import { PaddockError } from '../core/errors.ts'
import { runDvc } from '../dvc/run.ts'

/** DVC failed. The exit code is 1, or 128 + n after signal n. */
export class DvcError extends PaddockError {
  override name = 'DvcError'
  override readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

const PUSH_ATTEMPTS = 3
const PUSH_PAUSE_MS = 5000

/** Runs DVC. @throws DvcError when it fails; DVC has printed the reason */
export async function dvc(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { exitCode, signal } = await runDvc(args, { environment })
  if (exitCode === 0) return
  throw new DvcError(
    `\`dvc ${args.join(' ')}\` failed with exit code ${exitCode}. Its output is above.`,
    signal === undefined ? 1 : exitCode,
  )
}

/** Pushes the outputs of stages to the remote, with retries: objects that arrived are not sent again. @throws DvcError */
export async function dvcPush(...args: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dvc(['push', ...args])
    } catch (error) {
      if (attempt === PUSH_ATTEMPTS || !(error instanceof DvcError) || error.exitCode > 128) throw error
      await sleep(PUSH_PAUSE_MS * attempt)
    }
  }
}
