import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KilledTraining, type Outcome, openKilledTraining } from '../support/killed-training.ts'

const opened: KilledTraining[] = []
async function open(): Promise<KilledTraining> {
  const training = await openKilledTraining({})
  opened.push(training)
  return training
}

let expected: Outcome
beforeAll(async () => {
  expected = await (await open()).finish()
})
afterAll(() => Promise.all(opened.map((training) => training.remove())))

describe('a training that is interrupted', () => {
  it('ends with the bytes of one that is not, after SIGTERM, SIGINT and SIGKILL', async () => {
    const killed = await open()
    const stopped = await killed.kill('SIGTERM', 11, 0)
    expect(stopped).toMatchObject({
      exitCode: 143,
      stderr: expect.stringMatching(/SIGTERM in epoch \d, after step \d+\./),
    })
    expect(stopped.seconds).toBeLessThan(2)
    const again = await killed.kill('SIGINT', 4, 0)
    expect(again).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('SIGINT in epoch') })
    expect(again.seconds).toBeLessThan(2)
    expect((await killed.kill('SIGKILL', 4, 1)).exitCode).toBeUndefined()
    expect(await killed.finish()).toEqual(expected)
  })

  it('stops by itself when the DVC above it is killed, and continues from there', async () => {
    const training = await open()
    const { seconds, stderr } = await training.killDvc(9)
    expect(stderr).toMatch(/SIGTERM in epoch \d, after step \d+\. Run the same command again to continue/)
    expect(seconds).toBeLessThan(2)
    expect(await training.finish()).toEqual(expected)
  })

  it('ends with the best weights so far when it is asked to finish', async () => {
    const { history, digest } = await (await open()).askToFinish(20) // of 48 steps, 8 an epoch
    const stops = history.map((row) => (row as { stopped_by: string }).stopped_by)
    expect(stops.at(-1)).toBe('finish')
    expect(history.length).toBeLessThan(expected.history.length)
    expect(digest).not.toBe(expected.digest)
  })

  it('warns about a full disk of checkpoints and continues to the same end', async ({ skip }) => {
    const outcome = await (await open()).finishOnDisk(12_000) // one checkpoint and a half
    if (!outcome) return skip('a small disk cannot be mounted here')
    const { stderr, ...result } = outcome
    expect(stderr).toMatch(/the checkpoint of step \d+ could not be written: ENOSPC: .*The previous one is kept\./)
    expect(result).toEqual(expected)
  })
})
