import { beforeAll, describe, expect, it } from 'vitest'
import type { TrainParams } from '../../src/train/params.ts'
import { type Outcome, openKilledTraining } from '../support/killed-training.ts'

async function outcome(
  params: Partial<TrainParams>,
  env: Record<string, string>,
  part?: 'head',
  under?: readonly string[],
): Promise<Outcome> {
  const training = await openKilledTraining({ epochs: 2, ...params }, env, part, under)
  try {
    return await training.finish()
  } finally {
    await training.remove()
  }
}

describe('a training in a process of its own', () => {
  it('ends with the same bytes in another process, and on a CPU with deterministic ops too', async () => {
    const once = await outcome({}, {})
    expect(await outcome({}, {})).toEqual(once)
    expect(await outcome({ deterministic: true }, { TF_DETERMINISTIC_OPS: '1' })).toEqual(once)
  })

  it('ends with the same bytes for one and two threads when only a dense head is trained', async () => {
    const [one, two] = ['1', '2'].map((threads) => outcome({}, { TF_NUM_INTRAOP_THREADS: threads }, 'head'))
    expect(await two).toEqual(await one)
  })

  it('ends with the same bytes for one and two threads of the environment when the parameters say how many', async () => {
    const [one, two] = ['1', '2'].map((threads) => outcome({ threads: 2 }, { TF_NUM_INTRAOP_THREADS: threads }))
    expect(await two).toEqual(await one)
  })

  describe('where the parameters say nothing of threads', () => {
    const env = (threads: string) => ({ TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: '2' })
    let two: Promise<Outcome>
    beforeAll(() => {
      two = outcome({}, env('2'))
    })

    it('depends on those of the environment', async () => {
      expect(await outcome({}, env('1'))).not.toEqual(await two)
    })

    it('ends with the same bytes on one processor as on all, for as many threads', async () => {
      expect(await outcome({}, env('2'), undefined, ['taskset', '--cpu-list', '0'])).toEqual(await two)
    })
  })
})
