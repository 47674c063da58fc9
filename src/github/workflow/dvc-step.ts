import { setTimeout as sleep } from 'node:timers/promises'
import { PaddockError } from '../../core/errors.ts'
import { runDvc } from '../../dvc/run.ts'

/** DVC ended otherwise than well; the program ends with 1, or with 128 + n after signal n. */
export class StepError extends PaddockError {
  override name = 'StepError'
  override readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Tries of a push, and how long to wait before the next: what arrived stays there, so it goes on. */
const PUSHES = 3
const PAUSE_MS = 5000

/** Runs DVC. @throws StepError when it does not end well; DVC has said why */
export async function runStep(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { exitCode, signal } = await runDvc(args, { environment })
  if (exitCode === 0) return
  const code = signal === undefined ? 1 : exitCode
  throw new StepError(
    `Expected \`dvc ${args.join(' ')}\` to end well, received exit code ${exitCode}. Read what it says above.`,
    code,
  )
}

/** Sends what some stages made, and how they were run, to the remote; again where that fails. */
export async function pushStages(...args: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runStep(['push', ...args])
    } catch (error) {
      if (attempt === PUSHES || !(error instanceof StepError) || error.exitCode > 128) throw error
      await sleep(PAUSE_MS * attempt)
    }
  }
}
