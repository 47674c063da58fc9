/** Whether dvc.lock and results/ belong to what is committed. */
export interface Verification {
  /** `unknown`: it was not looked at, and `lines` says why. */
  readonly state: 'up to date' | 'stale' | 'broken' | 'unknown'
  /** What is stale or broken, and why; a line each. */
  readonly lines: readonly string[]
}
