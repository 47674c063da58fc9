import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { findPairs } from '../../src/fetch/duplicates.ts'
import { fingerprintOf } from '../../src/fetch/fingerprint.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'

it('finds no two of the sample that are one image, since each is drawn anew', async () => {
  const { fetch, seed } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
  if (fetch.source !== 'sample') throw new Error('the profile sample draws no sample')
  const { imagesPerClass, testImagesPerClass, size } = fetch
  const counts = { train: imagesPerClass, test: testImagesPerClass }
  const images = (['train', 'test'] as const).flatMap((set) =>
    SAMPLE_LABELS.flatMap((label) =>
      Array.from({ length: counts[set] }, (_, place) => {
        const id = `${set}/${label}/${place + 1}`
        const pixels = samplePixels({ set, label, number: place + 1, size }, seed)
        return { id, sha256: id, fingerprint: fingerprintOf({ pixels, width: size, height: size }) }
      }),
    ),
  )
  expect(images).toHaveLength(930)
  expect(findPairs(images, new Map(images.map(({ id, fingerprint }) => [id, fingerprint])))).toEqual([])
})
