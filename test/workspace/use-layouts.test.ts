import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { DataError } from '../../src/core/errors.ts'
import { readText } from '../../src/core/files.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import type { Given } from '../../src/workspace/given-folder.ts'
import { PROFILES, titleOf } from '../../src/workspace/profiles.ts'
import { drawImage, writeImages, writeTo } from '../support/images.ts'
import { listFiles } from '../support/refusal.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder({ per: 'file' })
const there = (path: string) => join(folder.path, path)
const numbered = (label: string, count: number) => Array.from({ length: count }, (_, i) => `${label}/${i + 1}.png`)

/** What `use -- folder` would install, and what it says. */
async function prepare(given: Given, to = 'data') {
  const prepared = await PROFILES.folder?.(given, parseParams(readText('profiles/folder.yaml') ?? ''))
  if (!prepared) throw new DataError('no profile')
  await prepared.fill(there(to))
  const files = (await listFiles(there(to))).map((path) => path.slice(there(to).length + 1))
  return { ...prepared, files }
}

describe('use -- folder', () => {
  beforeAll(async () => {
    await writeImages(there('tree'), ['train/cat/1.png', 'train/dog/1.png', 'val/cat/1.png', 'test/dog/1.png'])
    await writeImages(there('flat'), ['1.png', '2.png', '3.png', 't1.png'])
    await writeTo(there('flat.csv'), 'id,label\n1,cat\n2,dog\nt1,cat\n9,dog\n')
    await writeImages(there('classes'), [...numbered('cat', 12), ...numbered('dog', 9), ...numbered('owl', 3)])
  })

  it('pools train/ and val/, takes test/ for the test set, and says so', async () => {
    const { files, notes, outlook } = await prepare({ data: there('tree') }, 'from-tree')
    expect(files).toEqual(['test/dog/1.png', 'train/cat/1-2.png', 'train/cat/1.png', 'train/dog/1.png'])
    expect(notes).toContain(
      `${there('tree')}: train/ and val/ are the training set, test/ is the test set; split draws its own validation`,
    )
    expect(notes).toContain('training images: cat 2, dog 1')
    expect(notes).toContain('test images: dog 1')
    expect(outlook?.at(-1)).toMatch(/^split will stop: Expected 3 or more different images of cat, received 2\./)
  })

  it('leads on from a mistake: says what to do next, not what was done already', async () => {
    const message = (given: Given) =>
      prepare(given, 'nothing').then(
        () => 'none',
        (error) => (error as Error).message,
      )
    await writeTo(there('wrong.csv'), 'path,label\nfoo.png,cat\nbar.png,dog\n')
    expect(await message({ data: there('flat'), labels: there('wrong.csv') })).toBe(
      `Expected images of 2 or more classes in ${there('flat')}, received none (left out: no label in ${there('wrong.csv')} (4: 1.png, …); ${there('wrong.csv')}: lines without a file: 2 (foo.png, bar.png)). Correct the paths and labels in ${there('wrong.csv')}, or name the folder that has its images.`,
    )
    for (const file of ['cat/1.jpg', 'dog/1.jpg']) await writeTo(there(`texts/${file}`), 'no image')
    expect(await message({ data: there('texts') })).toMatch(
      /received none \(left out: .* \(2: cat\/1\.jpg, …\)\)\. Convert or replace the files that are left out\.$/,
    )
    await writeImages(there('capitals'), ['Cat/7.png', 'Cat/8.png'], { number: 50 })
    expect(await message({ data: there('classes'), test: there('capitals') })).toMatch(
      /received Cat\. Correct these labels, or bring training images of them\. Cat differs from cat only in case\.$/,
    )
    await writeImages(there('both'), [...numbered('cat', 3), ...numbered('Cat', 3)])
    const { outlook } = await prepare({ data: there('both'), 'no-test': true }, 'from-both')
    expect(outlook?.[0]).toBe('classes that differ only in case: Cat, cat; if they are the same, rename a folder')
  })

  it('takes labels from a table, without extension, for training and test images', async () => {
    const given = { data: there('flat'), labels: there('flat.csv'), 'no-test': true }
    const { files, notes, leftOut } = await prepare(given, 'from-flat')
    expect(files).toEqual(['train/cat/1.png', 'train/cat/t1.png', 'train/dog/2.png'])
    expect(notes).toContain(`${there('flat.csv')}: lines without a file: 1 (9)`)
    expect(leftOut).toEqual([{ path: '3.png', reason: `no label in ${there('flat.csv')}` }])
    await writeTo(there('flat-test/t1.png'), await drawImage({ number: 80 }))
    const tested = await prepare({ ...given, 'no-test': false, test: there('flat-test') }, 'with-test')
    expect(tested.files).toContain('test/cat/t1.png')
    await writeTo(there('test.csv'), 'path,label\nt1.png,dog\n')
    const own = await prepare(
      { ...given, 'no-test': false, test: there('flat-test'), 'test-labels': there('test.csv') },
      'own-test',
    )
    expect(own.files).toContain('test/dog/t1.png')
  })

  it('names the option for labels where a folder is flat', async () => {
    await expect(prepare({ data: there('flat') })).rejects.toThrow(
      /received none \(left out: no label: .*\)\. Sort .*, or name a table of their labels: --labels FILE\.csv\.$/,
    )
    await writeImages(there('sets'), ['train/1.png', 'val/2.png'])
    await expect(prepare({ data: there('sets') })).rejects.toThrow(/received none \(left out: no label/)
  })

  it('draws a small test set where there is none: balanced, the same each time, no photograph in both sets', async () => {
    const { files, notes, outlook } = await prepare({ data: there('classes') }, 'drawn')
    const test = files.filter((path) => path.startsWith('test/'))
    const of = (label: string) => test.filter((path) => path.startsWith(`test/${label}/`)).length
    // 9 images are needed; owl keeps the three that split needs
    expect([of('cat'), of('dog'), of('owl'), files.length]).toEqual([5, 5, 0, 24])
    expect(notes).toContain('test images, taken from the data and frozen: cat 5, dog 5')
    // 0.05 ** (1 / 10) = 0.741
    expect(notes.join('\n')).toContain(
      '10 test images prove little: a model that gets them all right may still be right on only 74.1 %',
    )
    expect(outlook?.join('\n')).toContain('it needs test images of every class, there are none of owl')
    expect(outlook?.join('\n')).toContain('it needs 50 validation images (gate.minValidationImages), split gives 3;')
    await prepare({ data: there('classes') }, 'drawn-again')
    expect(await hashFolder(there('drawn-again'))).toEqual(await hashFolder(there('drawn')))
  })

  it('keeps copies of one photograph together when it draws a test set', async () => {
    await cp(there('classes/cat'), there('copies/cat'), { recursive: true })
    await cp(there('classes/dog'), there('copies/dog'), { recursive: true })
    await cp(there('classes/cat'), there('copies/cat/again'), { recursive: true })
    const { files } = await prepare({ data: there('copies') }, 'from-copies')
    const cats = files.filter((path) => path.startsWith('test/cat/')).map((path) => path.replace('again/', ''))
    expect(cats.length).toBeGreaterThan(0)
    for (const path of new Set(cats)) expect(cats.filter((each) => each === path)).toHaveLength(2)
  })

  it('takes no test set with --no-test', async () => {
    const { files, notes } = await prepare({ data: there('classes'), 'no-test': true }, 'untested')
    expect(files.filter((path) => path.startsWith('test/'))).toEqual([])
    expect(notes).toContain('no test images: the gate fails until there are some (--test DIR)')
  })

  it('takes a class for the same whether its accents are composed or not', async () => {
    await writeImages(there('accents'), [
      'train/\u00e9t\u00e9/1.png',
      'train/hiver/1.png',
      'test/e\u0301te\u0301_1.png',
    ])
    const { files } = await prepare({ data: there('accents') }, 'from-accents')
    expect(files).toEqual(['test/\u00e9t\u00e9_1.png', 'train/hiver/1.png', 'train/\u00e9t\u00e9/1.png'])
  })

  it('needs the test images that --test-labels is about', async () => {
    const given = { data: there('classes'), 'test-labels': there('test.csv') }
    await expect(prepare(given)).rejects.toThrow('Expected --test DIR with --test-labels, received none.')
  })

  it('says that a photograph is in both sets', async () => {
    await writeTo(there('leak/cat/1.png'), await drawImage({ number: 0 }))
    const { outlook } = await prepare({ data: there('classes'), test: there('leak') }, 'leaking')
    expect(outlook?.join('\n')).toContain(
      'split will stop: 1 pair of images shows one photograph in both sets or under two labels',
    )
  })
})

describe('titleOf', () => {
  it.each([
    ['/home/me/flower_photos', 'Flower photos'],
    ['/home/me/flower_photos/train/', 'Flower photos'],
    ['/', 'My images'],
  ])('makes a title of %s', (path, title) => {
    expect(titleOf(path)).toBe(title)
  })
})
