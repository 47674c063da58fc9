import { z } from 'zod'
import { fraction, imageParams, positiveInteger, seedParam, sha256 } from '../config/shapes.ts'
import { hasSecret } from '../core/address.ts'
import { mapByName } from '../core/names.ts'

/** The name of a file or folder, without a path. */
const plainName = z.string().regex(/^[\w-][\w .-]*$/, 'must be a plain name')

const anySource = {
  /** The share of refused images above which the stage fails. */
  maxRejected: fraction,
  /** Whether near duplicates are searched for; if not, only files of the same bytes are found. */
  nearDuplicates: z.boolean().default(true),
}

/** An address without secrets: params.yaml and dvc.lock, which repeats it, are committed. */
const publicUrl = z.url().refine((url) => !hasSecret(url), 'must not contain a key or password: it is committed')

/** `fetch`: where the images come from when data/ does not exist. */
export const fetchParams = z.discriminatedUnion('source', [
  z.strictObject({
    ...anySource,
    source: z.literal('sample'),
    imagesPerClass: positiveInteger,
    testImagesPerClass: positiveInteger,
    size: z.int().min(32).max(512),
  }),
  z.strictObject({ ...anySource, source: z.literal('archive'), url: publicUrl, sha256 }),
  z.strictObject({
    ...anySource,
    source: z.literal('kaggle'),
    /** `owner/name` */
    dataset: z.string().regex(/^[\w-]+\/[\w-]+$/, 'must be owner/name'),
    /** By label: the folder of the archive that holds its images, and how many there are. */
    classes: mapByName(z.strictObject({ folder: plainName, images: positiveInteger }), plainName),
    /** Published test images: each is at `url` followed by its name; null: they came from a folder. */
    test: z.strictObject({ url: publicUrl, sha256: mapByName(sha256, plainName) }).nullable(),
  }),
  z.strictObject({ ...anySource, source: z.literal('folder') }),
])

export type FetchParams = z.infer<typeof fetchParams>
export type KaggleParams = Extract<FetchParams, { source: 'kaggle' }>

/** The sections of params.yaml that fetch depends on. */
export const fetchSections = { seed: seedParam, image: imageParams, fetch: fetchParams }
