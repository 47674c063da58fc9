import { describe, expect, it } from 'vitest'
import { openPace } from '../../src/train/pace.ts'

describe('openPace', () => {
  it('measures images a second and the time left, from the end of the first step on', () => {
    let now = 50_000 // compiling took that long
    const meter = openPace({ epochs: 3, steps: 10 }, () => now)
    expect(meter.reached({ epoch: 1, step: 1, images: 8 }).secondsLeft).toBeNaN()
    now += 2000
    // By hand: 4 steps and 32 images in 2 s; 25 of the 30 steps are left, half a second each.
    expect(meter.reached({ epoch: 1, step: 5, images: 40 })).toEqual({ imagesPerSecond: 16, secondsLeft: 12.5 })
  })

  it('counts validation to the time left and not to the speed', () => {
    let now = 0
    const meter = openPace({ epochs: 2, steps: 2 }, () => now)
    meter.reached({ epoch: 1, step: 1, images: 8 })
    now += 1000
    meter.reached({ epoch: 1, step: 2, images: 16 })
    now += 3000 // validation
    meter.endEpoch()
    now += 1000
    // 2 steps in 5 s, one is left; 8 images in the second since the epoch began.
    expect(meter.reached({ epoch: 2, step: 1, images: 8 })).toEqual({ imagesPerSecond: 8, secondsLeft: 2.5 })
  })

  it('does not count what a process before trained', () => {
    let now = 0
    const meter = openPace({ epochs: 2, steps: 100 }, () => now)
    meter.reached({ epoch: 2, step: 50, images: 400 })
    now += 1000
    expect(meter.reached({ epoch: 2, step: 60, images: 480 })).toEqual({ imagesPerSecond: 80, secondsLeft: 4 })
  })
})
