import type { Checkpointer } from '../../src/train/checkpointer.ts'
import type { TrainingCallbacks } from '../../src/train/epoch.ts'

/** A checkpointer that writes nothing and never stops a training. */
export const noCheckpointer: Checkpointer = {
  restore: async () => undefined,
  afterStep: async () => false,
  afterEpoch: async () => {},
  end: async () => {},
  clear: async () => {},
}

/** Callbacks that do nothing. */
export const silent: TrainingCallbacks = { onStep: () => {}, onEpoch: () => {} }
