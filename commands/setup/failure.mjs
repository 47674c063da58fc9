/** An expected failure of set-up: "Expected …, received …." and what to do, printed without a stack, exit code 1. */
export class SetupFailure extends Error {
  name = 'SetupFailure'

  constructor(problem, remedy = '', options = undefined) {
    super([problem, remedy].filter(Boolean).join(' '), options)
    this.problem = problem
    this.remedy = remedy
  }
}
