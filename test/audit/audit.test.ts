import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { chooseBackbone } from '../../src/audit/configuration.ts'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import type { ManifestRow } from '../../src/dataset/manifest.ts'
import { openSquareWriter } from '../../src/dataset/squares.ts'
import type { Configuration } from '../../src/train/params.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { paramsWith, savePretrained } from '../support/tiny-training.ts'

const SIZE = 32
const CLASSES = ['blue', 'green', 'red']

const folder = temporaryFolder({ per: 'file', enter: true })
let configuration: Configuration
const manifest: ManifestRow[] = []

/** Images whose colour tells their class; the label may be another. */
beforeAll(async () => {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, 'features'))
  const squares = openSquareWriter(paths.images, SIZE)
  const draw = (place: number, label: string, set: 'train' | 'test', name: string) => {
    const shade = manifest.length // a random network makes too much of noise
    const row = {
      id: `${set}/${label}/${name}`,
      sha256: sha256(`${set}${label}${name}`),
      label,
      set,
      source: 'unknown',
    }
    manifest.push({ ...row, width: SIZE, height: SIZE })
    squares.add(
      row.sha256,
      Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i % 3 === place ? 180 : 20) + shade),
    )
  }
  for (const [place, label] of CLASSES.entries()) {
    for (let i = 0; i < 12; i++) draw(place, label, 'train', `${i}.png`)
    draw(place, label, 'test', '0.png')
  }
  draw(1, 'alone', 'train', '0.png')
  await squares.finish()
  const { weights } = await savePretrained(folder.path)
  const entry = { architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights, epochs: 3 } as const
  configuration = chooseBackbone(paramsWith({ ...entry, learningRate: 0.01 }))
})
afterAll(() => {
  vi.unstubAllEnvs()
})

const run = () => audit(configuration, { manifest, used: manifest, pairs: [] })

describe('audit', () => {
  it('judges each image of a class that has two, and gives the same numbers again', async () => {
    const warn = vi.spyOn(console, 'error').mockReturnValue()
    const { findings, classes, folds } = await run()
    expect(warn.mock.calls).toEqual([
      ['audit: alone: not judged, since a class needs two different images, one to learn from and one to judge'],
    ])
    expect({ classes, folds }).toEqual({ classes: CLASSES, folds: 5 })
    expect(findings.map(({ id }) => id).sort()).toEqual(manifest.map(({ id }) => id).sort())
    const { true: judged = [], false: others = [] } = Object.groupBy(findings, ({ label }) => String(label !== 'alone'))
    for (const { probability, distance } of judged) {
      expect(probability).toBeGreaterThanOrEqual(0)
      expect(distance).toBeLessThanOrEqual(2)
    }
    expect(others).toEqual([findings.at(-1)])
    expect(others[0]).toMatchObject({ probability: Number.NaN, suggested: 'alone', isUnlikely: false })
    expect((await run()).findings).toEqual(findings)
    warn.mockRestore()
  })

  it('keeps no tensor', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    await expectTensorsKept(0, run)
    vi.restoreAllMocks()
  })

  it('refuses images among which only one class can be judged', async () => {
    const used = manifest.filter(({ label }) => ['blue', 'alone'].includes(label))
    await expect(audit(configuration, { manifest, used, pairs: [] })).rejects.toThrow(
      'Expected two classes or more with at least two different images each, received only blue. Add images: npm run add -- DIR.',
    )
  })
})
