import { withoutSecrets } from './address.ts'

/**
 * An expected failure, which a person can fix: its message alone is printed, and the exit code is 1.
 *
 * A message reads "Expected …, received …. What to do." Anything that is not a PaddockError is a bug and keeps its stack.
 */
export class PaddockError extends Error {
  override name = 'PaddockError'
  readonly exitCode: number = 1

  constructor(message = '', options?: ErrorOptions) {
    super(withoutSecrets(message), options)
  }
}

/** params.yaml, an argument or an environment variable is wrong. */
export class ConfigError extends PaddockError {
  override name = 'ConfigError'
}

/** The images, their pin or a file that a stage wrote is wrong. */
export class DataError extends PaddockError {
  override name = 'DataError'
}

/** Something that set-up installs is missing or broken. */
export class SetupError extends PaddockError {
  override name = 'SetupError'
}

/** Pretrained weights are not available, or not the requested ones. */
export class WeightsError extends PaddockError {
  override name = 'WeightsError'
}

/** Training cannot go on: the loss is not finite, memory is full, or PADDOCK_NO_TRAINING forbids it. */
export class TrainingError extends PaddockError {
  override name = 'TrainingError'
}

/** A threshold of the gate was missed, or a review failed. */
export class GateError extends PaddockError {
  override name = 'GateError'
}

/** The message of any thrown value; of a failed file operation in plain words, `nothing at photos/a.jpg`. */
export function messageOf(error: unknown): string {
  const failed = fileErrorOf(error)
  if (failed) return foundBy(failed)
  return withoutSecrets(error instanceof Error ? error.message : String(error))
}

/** The error to report for a failed file operation, or a program that is not there; undefined for any other error. */
export function fileFailure(error: unknown): DataError | undefined {
  const failed = fileErrorOf(error)
  if (!failed) return undefined
  const [expected, remedy] = failed.syscall?.startsWith('spawn')
    ? ['a program', 'Install it.']
    : [EXPECTED[failed.syscall ?? ''] ?? 'a file or folder', FOUND[failed.code ?? '']?.remedy]
  return new DataError(`Expected ${expected}, received ${foundBy(failed)}. ${remedy}`, { cause: error })
}

/** By system call. */
const EXPECTED: Readonly<Record<string, string>> = {
  open: 'a file to open',
  read: 'a file to read',
  scandir: 'a folder to list',
  mkdir: 'a place for a folder',
}

const MOVE = 'Move it away, or name another place.'
const ALLOW = 'Change the rights of the file or folder (`ls -ld` shows them), or use another one.'

/** What a file operation found, by the system's code, and what to do. */
const FOUND: Readonly<Record<string, { readonly found: string; readonly remedy: string }>> = {
  ENOENT: { found: 'nothing', remedy: 'Check the name.' },
  ENOTDIR: { found: 'a file in place of a folder', remedy: MOVE },
  EISDIR: { found: 'a folder', remedy: 'Name a file.' },
  EEXIST: { found: 'something that is there already', remedy: MOVE },
  EACCES: { found: 'no permission', remedy: ALLOW },
  EPERM: { found: 'no permission', remedy: ALLOW },
  EROFS: { found: 'a read-only disk', remedy: ALLOW },
  EADDRINUSE: { found: 'one that another program uses', remedy: 'Name another port.' },
  ENAMETOOLONG: { found: 'a name that is too long', remedy: 'Use a shorter one.' },
}

function foundBy({ code = '', syscall, path }: NodeJS.ErrnoException): string {
  if (syscall?.startsWith('spawn')) return `no program ${path} that can be started`
  const { found } = FOUND[code] ?? { found: code }
  return path === undefined ? found : `${found} at ${path.replace(/\.\d+\.[0-9a-f]{8}\.tmp(?=\/|$)/, '')}`
}

/** The failed operation in an error, or in its cause, as execa reports it. */
function fileErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  if (!(error instanceof Error) || error instanceof PaddockError) return undefined
  const { code = '', syscall }: NodeJS.ErrnoException = error
  return syscall !== undefined && Object.hasOwn(FOUND, code) ? error : fileErrorOf(error.cause)
}
