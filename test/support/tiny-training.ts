import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePacked } from '../../src/batches/packed.ts'
import { type Params, parseParams } from '../../src/command-line/params.ts'
import { sha256 } from '../../src/core/files.ts'
import { type Part, paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import type { WeightsSource } from '../../src/network/params.ts'
import { buildUntrained } from '../../src/network/registry.ts'
import { setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import type { tf } from '../../src/tensorflow/raw.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'

/** Side of the images. */
const SIZE = 32

const sample = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

/** Parameters of two epochs over images that `packNoise` packed, with the one configuration `net`. */
export function paramsWith(entry: ModelEntry): Params {
  return {
    ...sample,
    image: { size: SIZE, fit: 'cover' },
    train: { ...sample.train, epochs: 2, batchSize: 8, schedule: { kind: 'constant' } },
    models: { net: entry },
  }
}

/** Noise of another brightness for each class, packed as augment does in the folder that is the current one: 3 to train with, 1 to validate. */
export async function packNoise(classes: readonly string[]): Promise<void> {
  const rng = seededRng(1, 'noise')
  for (const [part, each] of [
    ['train', 3],
    ['validation', 1],
  ] as const satisfies [Part, number][]) {
    const rows = classes.flatMap((label) =>
      Array.from({ length: each }, (_, i) => ({ id: `train/${label}/${part}${i}.png`, label, variant: 0 })),
    )
    await mkdir(paths.augment, { recursive: true })
    await writePacked(paths.augment, part, { rows, size: SIZE }, async (writeRow) => {
      for (const [row, { label }] of rows.entries()) {
        const level = (classes.indexOf(label) * 200) / classes.length
        await writeRow(
          row,
          Uint8Array.from({ length: SIZE * SIZE * 3 }, () => level + 50 * rng()),
        )
      }
    })
  }
}

const MOBILENET: ModelEntry = { architecture: 'mobilenet', mode: 'zero', width: 0.25 }

/** Weights for `net` as a MobileNet 0.25 or another network, in the folder `pretrained`, and the network that they are of. */
export async function savePretrained(
  folder: string,
  { entry, gamma }: { readonly entry: ModelEntry; readonly gamma: number } = { entry: MOBILENET, gamma: 10 },
): Promise<{ weights: WeightsSource; model: tf.LayersModel }> {
  const params = paramsWith(entry)
  const options = { imageSize: SIZE, classCount: 7, seed: 9 }
  const { model } = await buildUntrained(selectConfiguration(params, 'net'), options)
  const gammas = [...weightsOf(model)].filter(([name]) => name.endsWith('gamma'))
  setWeights(model, new Map(gammas.map(([name, values]) => [name, values.fill(gamma)]))) // by default so that something comes through random layers
  await model.save(`file://${folder}/pretrained`)
  const files = ['model.json', 'weights.bin'].map((file) => join(folder, 'pretrained', file))
  const digest = sha256(Buffer.concat(await Promise.all(files.map((file) => readFile(file)))))
  return { weights: { path: 'pretrained/model.json', sha256: digest }, model }
}
