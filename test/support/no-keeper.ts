import type { Keeper } from '../../src/train/keeper.ts'

/** A keeper that keeps nothing and never stops a training. */
export function noKeeper<State>(): Keeper<State> {
  return {
    restore: async () => undefined,
    afterStep: async () => false,
    afterEpoch: async () => {},
    end: async () => {},
    clear: async () => {},
  }
}
