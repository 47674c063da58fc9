import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { epochRows } from '../../src/train/sampling.ts'

const VARIANTS = 3
/** 10 cats, 60 dogs, 30 horses, in three variants. */
const ONCE = [10, 60, 30].flatMap((count, label) => Array<number>(count).fill(label))
const COUNT = ONCE.length
const examples = { count: COUNT, variants: VARIANTS, labels: Int32Array.from([...ONCE, ...ONCE, ...ONCE]) }
const upTo = (end: number) => [...Array(end).keys()]

describe('epochRows, shuffled', () => {
  const rows = (epoch: number) => epochRows(examples, { epoch, sampling: 'shuffled', rng: seededRng(1, epoch) })

  it('shows each image once an epoch, and in each variant once in as many epochs as there are variants', () => {
    expect(
      rows(0)
        .map((row) => row % COUNT)
        .sort((a, b) => a - b),
    ).toEqual(upTo(COUNT))
    expect([0, 1, 2].flatMap(rows).sort((a, b) => a - b)).toEqual(upTo(COUNT * VARIANTS))
    expect(rows(4).sort((a, b) => a - b)).toEqual(rows(1).sort((a, b) => a - b))
  })

  it('mixes the variants of each class in each epoch', () => {
    for (const epoch of [0, 1, 2, 3]) {
      for (const [label, count] of [10, 60, 30].entries()) {
        const ofClass = rows(epoch).filter((row) => examples.labels[row] === label)
        for (const variant of [0, 1, 2]) {
          const shown = ofClass.filter((row) => Math.floor(row / COUNT) === variant).length
          expect(Math.abs(shown - count / VARIANTS)).toBeLessThan(1)
        }
      }
    }
  })

  it('has the order of epochs without variants', () => {
    const plain = { count: COUNT, variants: 1, labels: Int32Array.from(ONCE) }
    const rng = seededRng(1, 2)
    expect(epochRows(plain, { epoch: 2, sampling: 'shuffled', rng })).toEqual(rows(2).map((row) => row % COUNT))
  })

  it('has another order in another epoch, and the same for the same seed', () => {
    expect(rows(3)).not.toEqual(rows(0))
    expect(rows(3)).toEqual(rows(3))
  })
})

describe('epochRows, balanced', () => {
  const rows = (epoch: number, seed = 1) =>
    epochRows(examples, { epoch, sampling: 'balanced', rng: seededRng(seed, epoch) })
  const labels = (some: readonly number[]) => some.map((row) => examples.labels[row])
  const countOf = (some: readonly number[], label: number) => labels(some).filter((each) => each === label).length

  it('shows as many images as there are', () => {
    expect(rows(0)).toHaveLength(COUNT)
  })

  it('holds every class equally often in each batch, give or take two', () => {
    for (const start of [0, 32, 64]) {
      const batch = rows(0).slice(start, start + 32) // 32 / 3: ten or eleven, one more or less where a round is cut
      for (const label of [0, 1, 2]) expect(Math.abs(countOf(batch, label) - 32 / 3)).toBeLessThan(2)
    }
  })

  it('holds every class once in each three rows, in no fixed order', () => {
    const rounds = upTo(33).map((round) => labels(rows(0).slice(3 * round, 3 * round + 3)))
    for (const round of rounds) expect([...round].sort()).toEqual([0, 1, 2])
    expect(new Set(rounds.map((round) => round.join())).size).toBe(6)
  })

  it('shows a class whole before an image comes again, which is in its next variant then', () => {
    const cats = rows(0).filter((row) => examples.labels[row] === 0)
    expect(cats.length).toBeGreaterThanOrEqual(33)
    const inTurn = (time: number) => upTo(10).map((cat) => ((cat + time) % VARIANTS) * COUNT + cat)
    for (const time of [0, 1, 2]) {
      expect(cats.slice(10 * time, 10 * time + 10).sort((a, b) => a - b)).toEqual(inTurn(time).sort((a, b) => a - b))
    }
    expect(cats.slice(30).every((row) => inTurn(3).includes(row))).toBe(true)
  })

  it('shows of a large class another part in another epoch, no image twice', () => {
    const dogs = (epoch: number) => rows(epoch).flatMap((row) => (examples.labels[row] === 1 ? [row % COUNT] : []))
    expect(new Set(dogs(0)).size).toBe(dogs(0).length)
    expect(new Set([...dogs(0), ...dogs(1), ...dogs(2), ...dogs(3)]).size).toBeGreaterThan(50)
  })

  it('is the same for the same seed and epoch, and another for another', () => {
    expect(rows(2)).toEqual(rows(2))
    expect(rows(2)).not.toEqual(rows(3))
    expect(rows(2)).not.toEqual(rows(2, 2))
  })
})
