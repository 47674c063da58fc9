import { PaddockError } from '../core/errors.ts'

/** A file of the pipeline is missing, in conflict or malformed. Ends a program with exit code 2. */
export class BrokenError extends PaddockError {
  override name = 'BrokenError'
  override readonly exitCode: number = 2
}

/** @throws BrokenError with the line of the first conflict marker that git left in a text */
export function refuseConflicts(text: string, name: string): void {
  const marker = /^(<{7}|>{7}) .*$/m.exec(text) ?? /^={7}$/m.exec(text)
  if (!marker) return
  const line = text.slice(0, marker.index).split('\n').length
  throw new BrokenError(
    `Expected ${name} without conflicts, received ${marker[0].slice(0, 7)} in line ${line}. Resolve the merge; for dvc.lock take one side and run \`npm run repro\`.`,
  )
}
