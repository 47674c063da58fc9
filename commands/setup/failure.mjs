/** An expected failure of set-up: printed as its message alone, exit code 1. */
export class SetupFailure extends Error {
  name = 'SetupFailure'
}
