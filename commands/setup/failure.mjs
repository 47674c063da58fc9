/** An expected failure of set-up: "Expected …, received …." and what to do, printed without a stack, exit code 1. */
export class SetupFailure extends Error {
  name = 'SetupFailure'

  constructor(problem, remedy = '', options = undefined) {
    super([problem, remedy].filter(Boolean).join(' '), options)
    this.problem = problem
    this.remedy = remedy
  }
}

const FOUND = {
  ENOENT: 'nothing there',
  ENOTDIR: 'a file in place of a folder',
  EISDIR: 'a folder',
  EEXIST: 'a file that is there already',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a read-only disk',
  ENOSPC: 'a full disk',
}

/** The failure to report for an error: also a file operation that failed. @throws the error itself where it is a bug */
export function failureOf(error) {
  if (error instanceof SetupFailure) return error
  const found = FOUND[error.code]
  if (found === undefined || error.path === undefined) throw error
  return new SetupFailure(
    `Expected to use ${error.path}, received ${found}.`,
    'Change its rights (`ls -ld` shows them), or use another folder.',
    { cause: error },
  )
}
