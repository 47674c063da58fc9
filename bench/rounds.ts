import { createInterface } from 'node:readline'
import { peakMemory } from './memory.ts'

/** What a program says of a round of its work. */
export interface Round {
  readonly seconds: number
  /** Greatest memory that the program had until now (VmHWM). */
  readonly peakBytes: number
  /** Seconds of the parts, where there are any. */
  readonly parts?: Readonly<Record<string, number>>
  /** Floating-point operations of the round, where they are counted. */
  readonly operations?: number
}

/** What a round's work may say of itself beside its time. */
export type Said = Partial<Round> | undefined

/**
 * Does the work once to warm up, says so, and then once more for each line `round` on stdin, until stdin ends.
 *
 * One line of JSON on stdout each; nothing else may be written there.
 */
export async function serveRounds(work: () => Promise<Said>, { warmUp = true } = {}): Promise<void> {
  if (warmUp) await work()
  console.log(JSON.stringify({ ready: true }))
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'round') throw new Error(`a program of the bench expects round, received ${line}`)
    const start = performance.now()
    const said = await work()
    const seconds = (performance.now() - start) / 1000
    console.log(JSON.stringify({ seconds, peakBytes: peakMemory('self'), ...said }))
  }
}
