import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import { extractArchive } from './archive.ts'
import { arrangeImages } from './arrange.ts'
import { loadFile, type RemoteFile } from './download.ts'
import { openKaggle } from './kaggle.ts'
import type { FetchParams, KaggleParams } from './params.ts'
import { SAMPLE_LABELS } from './sample/image.ts'
import { drawSample, type SampleParams } from './sample.ts'

/**
 * Makes the images of `fetch.source` inside a work folder and gives the folder below it that holds them.
 *
 * @throws DataError when the source is none that can be made; whatever a download throws.
 */
export async function makeImages(work: string, params: FetchParams, seed: number): Promise<string> {
  switch (params.source) {
    case 'sample':
      return drawImages(join(work, 'images'), params, seed)
    case 'archive':
      return unpackImages(work, params)
    case 'kaggle':
      return loadImages(join(work, 'images'), params)
    case 'folder':
      throw new DataError(
        'Expected the images in data/, or where `dvc pull` finds them, received none. Put them there with `npm run use -- folder --data DIR`.',
      )
  }
}

async function drawImages(folder: string, params: SampleParams, seed: number): Promise<string> {
  const total = SAMPLE_LABELS.length * (params.imagesPerClass + params.testImagesPerClass)
  const progress = openProgress('fetch: images drawn', total)
  try {
    await drawSample(folder, params, seed, (done) => progress.update(done))
  } finally {
    progress.stop()
  }
  return folder
}

async function unpackImages(work: string, remote: RemoteFile): Promise<string> {
  const archive = join(work, 'archive')
  const unpacked = join(work, 'unpacked')
  await mkdir(unpacked)
  await loadFile(remote, archive)
  await extractArchive(archive, unpacked)
  return arrangeImages(unpacked)
}

async function loadImages(folder: string, params: KaggleParams): Promise<string> {
  if (params.test === null) {
    throw new DataError(
      'Expected the test images in data/, or where `dvc pull` finds them, received none, and Kaggle has none either. Put them there with `npm run use -- animals10 --test DIR`.',
    )
  }
  const { fill } = await openKaggle(params, { label: 'fetch' })
  await fill(folder)
  return folder
}
