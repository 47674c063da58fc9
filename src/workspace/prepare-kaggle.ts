import type { Params } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { openKaggle } from '../fetch/kaggle.ts'
import { describeCounts, describeLeftOut } from './adopt.ts'
import { copySet, type ImageFolders, openTest, type Prepared } from './prepare.ts'

/** A data set of Kaggle, downloaded to the cache; the test images are a folder's, or those that the profile names. */
export async function prepareKaggle({ data, test }: ImageFolders, { fetch }: Params): Promise<Prepared> {
  if (data !== undefined) {
    throw new ConfigError(
      'Expected animals10 without --data, received one. Leave it out: Kaggle has its images; your own are `npm run use -- folder --data DIR`.',
    )
  }
  if (fetch.source !== 'kaggle') {
    throw new ConfigError(`Expected fetch.source kaggle in its profile, received ${fetch.source}. Restore the profile.`)
  }
  if (test === undefined) {
    const { fill, notes } = await openKaggle(fetch, { label: 'use' })
    const names = Object.keys(fetch.test?.sha256 ?? {})
    const counts = describeCounts(names.map((name) => ({ label: name.split('_', 1)[0] ?? '' })))
    return { fill, notes: [...notes, `test images: ${counts}`] }
  }
  const offer = await openTest(test, Object.keys(fetch.classes).sort())
  const { fill, notes } = await openKaggle({ ...fetch, test: null }, { label: 'use' })
  return {
    fill: async (folder) => {
      await fill(folder)
      await copySet(offer, { from: test, folder, set: 'test' })
    },
    notes: [...notes, `test images: ${describeCounts(offer.images)}`, ...describeLeftOut(offer.leftOut)],
    changes: { 'fetch.test': null },
  }
}
