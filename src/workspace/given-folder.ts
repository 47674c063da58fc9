import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { classesOf } from '../core/csv.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import {
  type FolderImage,
  type FolderOptions,
  type ImageFolder,
  readImageFolder,
  summarizeLeftOut,
} from './image-folder.ts'
import type { LabelOptions } from './label-table.ts'

/** What the command line says of the images. */
export interface Given {
  readonly data?: string | undefined
  readonly test?: string | undefined
  readonly labels?: string | undefined
  readonly 'test-labels'?: string | undefined
  readonly 'path-column'?: string | undefined
  readonly 'label-column'?: string | undefined
  readonly 'no-test'?: boolean | undefined
}

/** The table of labels in a file, with the columns that the command line names. */
export function labelsOf(file: string | undefined, given: Given): LabelOptions | undefined {
  return file === undefined ? undefined : { file, pathColumn: given['path-column'], labelColumn: given['label-column'] }
}

const TABLE = 'or name a table of their labels'

/** The training images of a folder, and the test images in it. @throws ConfigError when it has too few classes */
export async function openTraining(folder: string, options: FolderOptions, minClasses = 2): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, options)
  const classes = classesOf(images.images.filter(({ set }) => set === 'train'))
  if (classes.length >= minClasses || (minClasses === 1 && images.images.length > 0)) return images
  const wanted = options.labels
    ? `images of ${minClasses} or more classes`
    : `${minClasses} or more class folders with images`
  const received = `${classes.join(', ') || 'none'}${describeReasons(images)}`
  const sort = `Sort the images into one folder for each class, ${TABLE}: --labels FILE.csv.`
  throw new ConfigError(`Expected ${wanted} in ${folder}, received ${received}. ${remedyFor(images, options, sort)}`)
}

/** What to do if images cannot be placed, other than what was done already. */
function remedyFor({ leftOut }: ImageFolder, { labels }: FolderOptions, sort: string): string {
  if (leftOut.some(({ reason }) => !/^(hidden$|not an image by its name$|no label)/.test(reason)))
    return 'Convert or replace the files that are left out.'
  return labels ? `Correct the paths and labels in ${labels.file}, or name the folder that has its images.` : sort
}

/** The test images of a folder. @throws ConfigError when it has none */
export async function openTest(
  folder: string,
  options: FolderOptions & { readonly classes: readonly string[] },
): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, { ...options, set: 'test' })
  if (images.images.length > 0) return images
  throw testError(
    folder,
    options.classes,
    `none${describeReasons(images)}`,
    remedyFor(
      images,
      options,
      `Sort them into folders by class, name them <label>_<anything>, ${TABLE}: --test-labels FILE.csv.`,
    ),
  )
}

/** @throws ConfigError for test images of classes that training does not have */
export function refuseUnknown(images: readonly FolderImage[], classes: readonly string[], folder: string): void {
  const unknown = classesOf(images).filter((label) => !classes.includes(label))
  if (unknown.length === 0) return
  throw testError(
    folder,
    classes,
    unknown.join(', '),
    `Correct these labels, or bring training images of them.${caseHint(unknown, classes)}`,
  )
}

function testError(folder: string, classes: readonly string[], received: string, remedy: string): ConfigError {
  return new ConfigError(`Expected test images of ${classes.join(', ')} in ${folder}, received ${received}. ${remedy}`)
}

/** ` Cat differs from cat only in case.`, for classes that are not known. */
export function caseHint(unknown: readonly string[], known: readonly string[]): string {
  return unknown
    .flatMap((label) => {
      const near = known.find((each) => each !== label && each.toLowerCase() === label.toLowerCase())
      return near === undefined ? [] : [` ${label} differs from ${near} only in case.`]
    })
    .join('')
}

function describeReasons({ leftOut, notes }: ImageFolder): string {
  const reasons = leftOut.length > 0 ? [`left out: ${summarizeLeftOut(leftOut)}`, ...notes] : notes
  return reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
}

/** @throws ConfigError for a folder inside `data/`, which is replaced, or around the checkout */
async function expectOutside(folder: string): Promise<void> {
  const [place, checkout] = await Promise.all([folder, '.'].map((path) => realpath(path).catch(() => path)))
  const isAround = isInside(String(checkout), String(place))
  if (!isAround && !isInside(String(place), join(String(checkout), paths.data))) return
  throw new ConfigError(
    `Expected a folder outside ${isAround ? 'and not around this checkout' : `${paths.data}/`}, received ${folder}. Move the images there first.`,
  )
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way.startsWith('..') || way.startsWith('/'))
}
