import { describe, expect, it } from 'vitest'
import { openKilledTraining } from '../support/killed-training.ts'

describe('a training that is interrupted', () => {
  it('ends with the bytes of one that is not, after SIGTERM and after SIGKILL', async () => {
    const [whole, killed] = [await openKilledTraining({}), await openKilledTraining({})]
    try {
      const expected = await whole.finish()
      const stopped = await killed.kill('SIGTERM', 11, 0)
      expect(stopped).toMatchObject({
        exitCode: 143,
        stderr: expect.stringMatching(/SIGTERM in epoch \d, after step \d+\./),
      })
      expect(stopped.seconds).toBeLessThan(2)
      expect((await killed.kill('SIGKILL', 4, 1)).exitCode).toBeUndefined()
      expect(await killed.finish()).toEqual(expected)
    } finally {
      await whole.remove()
      await killed.remove()
    }
  })
})
