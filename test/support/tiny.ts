import { join } from 'node:path'
import { stringify } from 'yaml'
import { paths } from '../../src/core/paths.ts'
import { writeTestSet } from '../../src/core/test-set.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { drawSample } from '../../src/fetch/sample.ts'
import { findTestSet } from '../../src/workspace/accept-test-set.ts'
import type { Clone } from './clone.ts'

const SAMPLE = { imagesPerClass: 12, testImagesPerClass: 3, size: 112 }
const SEED = 1

/** Parameters of a run that takes seconds: 45 drawn images, two small networks, one epoch, a gate that lets all pass. */
export const TINY_PARAMS = {
  seed: SEED,
  fetch: { source: 'sample', maxRejected: 0.02, ...SAMPLE },
  'image.size': 112,
  'train.epochs': 1,
  gate: { validation: 0, test: 0, minValidationImages: 1, minTestImages: 1, regression: { alpha: 0.05, minImages: 1 } },
  models: {
    first: { architecture: 'original', mode: 'zero' },
    second: { architecture: 'mobilenet', mode: 'zero', width: 0.25 },
  },
}

/** Values for params.yaml, among them those of a drawn sample. */
interface SampleParams extends Readonly<Record<string, unknown>> {
  readonly seed: number
  readonly fetch: typeof TINY_PARAMS.fetch
}

/** Makes a clone's pipeline tiny: its parameters, the pin of images that it has yet to draw, and no results or records. */
export async function makeTiny(clone: Clone, params: SampleParams = TINY_PARAMS): Promise<void> {
  for (const path of ['dvc.lock', 'results']) await clone.remove(path)
  for (const path of [paths.trainings, paths.testEvaluations]) await clone.write(path, '')
  await clone.set(params)
  const folder = join(clone.root, 'tiny.tmp')
  await drawSample(folder, params.fetch, params.seed)
  const { md5, size, nfiles } = await hashFolder(folder)
  await writeTestSet(await findTestSet(folder, []), join(clone.root, 'test-set.csv'))
  await clone.write('data.dvc', stringify({ outs: [{ md5, size, nfiles, hash: 'md5', path: 'data' }] }))
  await clone.remove('tiny.tmp')
}
