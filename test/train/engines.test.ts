import { expect, it } from 'vitest'
import { build as buildMobileNet } from '../../src/models/mobilenet.ts'
import { build as buildOriginal } from '../../src/models/original.ts'
import { differenceOfEngines } from '../support/engines.ts'

const OPTIONS = { classCount: 3, seed: 1, dropout: 0.2 }

it.each([
  ['the Original CNN', 112, buildOriginal({ architecture: 'original', mode: 'zero' }, { ...OPTIONS, imageSize: 112 })],
  [
    'MobileNet 0.25',
    64,
    buildMobileNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 }, { ...OPTIONS, imageSize: 64 }),
  ],
])('a step of %s gives the same numbers compiled as op by op', async (_name, side, network) => {
  const { loss, moves } = await differenceOfEngines(network, side)
  expect(loss).toBeLessThan(1e-5)
  expect(moves).toBeLessThan(1e-3)
})
