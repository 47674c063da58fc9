/** How fast a training goes, and how long it will take at most. */
export interface Pace {
  /** Of this epoch, as far as this process trained it. */
  readonly imagesPerSecond: number
  /** Until all epochs are over, validation included; NaN before the second step. A stopping rule may end it sooner. */
  readonly secondsLeft: number
}

/** Where a training is: epoch and step of it from 1, images shown in the epoch. */
export interface Place {
  readonly epoch: number
  readonly step: number
  readonly images: number
}

export interface PaceMeter {
  reached(place: Place): Pace
  /** Validation is over, and so is the epoch. */
  endEpoch(): void
}

/**
 * Measures the pace from the first step of this process on, which may be in the middle of a training.
 *
 * @param clock in milliseconds
 */
export function openPace({ epochs, steps }: { epochs: number; steps: number }, clock: () => number): PaceMeter {
  let first: { readonly atMs: number; readonly step: number } | undefined
  let epochStart: { readonly atMs: number; readonly images: number } | undefined
  return {
    reached: ({ epoch, step, images }) => {
      const now = clock()
      const taken = (epoch - 1) * steps + step
      // A first step is as slow as compiling is, so that speed is measured from its end on.
      first ??= { atMs: now, step: taken }
      epochStart ??= { atMs: now, images }
      return {
        imagesPerSecond: ((images - epochStart.images) / (now - epochStart.atMs)) * 1000,
        secondsLeft: ((now - first.atMs) / (taken - first.step) / 1000) * (epochs * steps - taken),
      }
    },
    endEpoch: () => {
      epochStart = { atMs: clock(), images: 0 }
    },
  }
}
