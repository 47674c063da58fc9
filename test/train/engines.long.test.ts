import { expect, it } from 'vitest'
import { build as buildConvNeXt } from '../../src/models/convnext.ts'
import { build as buildEfficientNet } from '../../src/models/efficientnet.ts'
import { build as buildEfficientNetV2 } from '../../src/models/efficientnetv2.ts'
import { build as buildResNet } from '../../src/models/resnet.ts'
import { differenceOfEngines } from '../support/engines.ts'

const SIDE = 64
const OPTIONS = { classCount: 3, seed: 1, dropout: 0.2, imageSize: SIDE }

it.each([
  ['ResNet50', () => buildResNet({ architecture: 'resnet', mode: 'zero' }, OPTIONS)],
  ['EfficientNetB0', () => buildEfficientNet({ architecture: 'efficientnet', mode: 'zero', variant: 'b0' }, OPTIONS)],
  [
    'EfficientNetV2-B0',
    () => buildEfficientNetV2({ architecture: 'efficientnetv2', mode: 'zero', variant: 'b0' }, OPTIONS),
  ],
  ['ConvNeXt-Tiny', () => buildConvNeXt({ architecture: 'convnext', mode: 'zero', variant: 'tiny' }, OPTIONS)],
])('a step of %s gives the same numbers compiled as op by op', async (_name, build) => {
  const { loss, moves } = await differenceOfEngines(build(), SIDE)
  expect(loss).toBeLessThan(1e-4)
  expect(moves).toBeLessThan(1e-2)
})
