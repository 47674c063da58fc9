import { describe, expect, it } from 'vitest'
import { chooseBackbone } from '../../src/audit/configuration.ts'
import { distancesOutOfFold } from '../../src/audit/distances.ts'
import { foldsOf, splitFolds, TEST_FOLD } from '../../src/audit/folds.ts'
import { predictOutOfFold } from '../../src/audit/heads.ts'
import type { Images } from '../../src/batches/batches.ts'
import { seededRng } from '../../src/core/random.ts'
import { buildUntrained } from '../../src/network/registry.ts'
import { paramsWith } from '../support/tiny-training.ts'

const CLASSES = ['cat', 'dog']
/** Of a MobileNet 0.25. */
const WIDTH = 256
const EACH = 20
const WRONG = 3
const FAR = 7

/** Features of two classes, each around an axis of its own: 20 cats, the fourth of which is a dog, 20 dogs, and a dog to test. */
function featuresOf(rng: () => number): Images {
  const seen = Array.from({ length: 2 * EACH + 1 }, (_, row) => (row < EACH && row !== WRONG ? 0 : 1))
  const values = seen.map((place, row) =>
    Float32Array.from({ length: WIDTH }, (_, i) => 0.2 * rng() + (i % 2 === place ? 2 : 0) * (row === FAR ? -1 : 1)),
  )
  return {
    ...{ count: seen.length, variants: 1, inputShape: [WIDTH] },
    labels: Int32Array.from(seen, (_, row) => (row < EACH ? 0 : 1)),
    ids: seen.map((_, row) => `${row}.png`),
    read: async (rows) => Float32Array.from(rows.flatMap((row) => [...(values[row] ?? [])])),
    digest: async () => '',
    close: async () => {},
  }
}

describe('the heads of an audit', async () => {
  const features = featuresOf(seededRng(1, 'features'))
  const labelled = features.ids.slice(0, -1).map((id, row) => ({ id, label: row < EACH ? 'cat' : 'dog' }))
  const folds = splitFolds([...foldsOf(labelled, { groups: [], seed: 1 }), TEST_FOLD])

  it('find the one wrong label, judge a test image, and give the same bits again', async () => {
    const entry = { architecture: 'mobilenet', mode: 'transfer', width: 0.25, learningRate: 0.01, epochs: 20 } as const
    const configuration = chooseBackbone(paramsWith(entry))
    const network = await buildUntrained(configuration, { imageSize: 32, classCount: 2, seed: 1 })
    const run = () => predictOutOfFold(configuration, network, { features, folds, classes: CLASSES })
    const probabilities = await run()
    const ofLabel = probabilities.slice(0, -1).map((row, place) => row[features.labels[place] ?? 0] ?? Number.NaN)
    expect(ofLabel.indexOf(Math.min(...ofLabel))).toBe(WRONG)
    expect(ofLabel[WRONG]).toBeLessThan(0.1)
    expect(ofLabel.filter((probability) => probability > 0.5)).toHaveLength(2 * EACH - 2) // nor the one far away
    expect(probabilities.at(-1)?.[1]).toBeGreaterThan(0.9)
    expect(await run()).toEqual(probabilities)
    network.model.dispose()
  })

  it('measure how far an image is from the others, never from itself', async () => {
    const distances = await distancesOutOfFold(features, { folds, classes: CLASSES })
    expect(distances).toHaveLength(features.count)
    expect(distances.indexOf(Math.max(...distances))).toBe(FAR)
    expect(distances[FAR]).toBeGreaterThan(0.9) // a right angle from the nearest is 1
    expect(Math.min(...distances)).toBeGreaterThan(1e-4)
  })
})
