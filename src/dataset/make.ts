import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchParams, KaggleParams } from '../config/schema.ts'
import { DataError } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import { extractArchive } from './archive.ts'
import { arrangePictures } from './arrange.ts'
import { loadFile, type RemoteFile } from './download.ts'
import { openKaggle } from './kaggle.ts'
import { SAMPLE_LABELS } from './sample/picture.ts'
import { drawSample, type SampleParams } from './sample.ts'

/**
 * Makes the pictures of `fetch.source` inside a work folder and gives the folder below it that holds them.
 *
 * @throws DataError when the source is none that can be made; whatever a download throws.
 */
export async function makePictures(work: string, params: FetchParams, seed: number): Promise<string> {
  switch (params.source) {
    case 'sample':
      return drawPictures(join(work, 'pictures'), params, seed)
    case 'archive':
      return unpackPictures(work, params)
    case 'kaggle':
      return loadPictures(join(work, 'pictures'), params)
    case 'folder':
      throw new DataError(
        'Expected the pictures in data/, or where `dvc pull` finds them, received none. Put them there with `npm run use -- folder --data DIR`.',
      )
  }
}

async function drawPictures(folder: string, params: SampleParams, seed: number): Promise<string> {
  const total = SAMPLE_LABELS.length * (params.imagesPerClass + params.testImagesPerClass)
  const progress = openProgress('fetch: pictures drawn', total)
  try {
    await drawSample(folder, params, seed, (done) => progress.update(done))
  } finally {
    progress.stop()
  }
  return folder
}

async function unpackPictures(work: string, remote: RemoteFile): Promise<string> {
  const archive = join(work, 'archive')
  const unpacked = join(work, 'unpacked')
  await mkdir(unpacked)
  await loadFile(remote, archive)
  await extractArchive(archive, unpacked)
  return arrangePictures(unpacked)
}

async function loadPictures(folder: string, params: KaggleParams): Promise<string> {
  if (params.test === null) {
    throw new DataError(
      'Expected the test pictures in data/, or where `dvc pull` finds them, received none, and Kaggle has none either. Put them there with `npm run use -- animals10 --test DIR`.',
    )
  }
  const { fill } = await openKaggle(params, { label: 'fetch' })
  await fill(folder)
  return folder
}
