import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arrange, arrangeImages } from '../../src/fetch/arrange.ts'
import { writeTo } from '../support/images.ts'
import { listFiles } from '../support/refusal.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const idsOf = (paths: readonly string[], classes?: readonly string[]) => Object.fromEntries(arrange(paths, classes).ids)

describe('arrange', () => {
  it.each([
    ['train', 'val', 'test'],
    ['training', 'validation', 'testing'],
    ['Train', 'Valid', 'Test'],
    ['training_set', 'validation_set', 'test_set'],
  ])('pools %s and %s, and takes %s for the test set', (train, validation, test) => {
    const paths = [`${train}/cat/1.jpg`, `${train}/dog/1.jpg`, `${validation}/cat/2.jpg`, `${test}/dog/3.jpg`]
    const { ids, note } = arrange(paths)
    expect([...ids.values()]).toEqual(['train/cat/1.jpg', 'train/dog/1.jpg', 'train/cat/2.jpg', 'test/dog/3.jpg'])
    const training = [`${train}/`, `${validation}/`].sort().join(' and ')
    expect(note).toBe(`${training} are the training set, ${test}/ is the test set; split draws its own validation`)
  })

  it('gives a name that both have a number', () => {
    expect(idsOf(['train/cat/1.jpg', 'val/cat/1.jpg'])).toEqual({
      'train/cat/1.jpg': 'train/cat/1.jpg',
      'val/cat/1.jpg': 'train/cat/1-2.jpg',
    })
  })

  it('leaves out a folder around everything, and around everything in a set', () => {
    expect(idsOf(['set/train/train/cat/1.jpg', 'set/train/train/dog/1.jpg', 'set/test/cat_1.jpg'])).toEqual({
      'set/train/train/cat/1.jpg': 'train/cat/1.jpg',
      'set/train/train/dog/1.jpg': 'train/dog/1.jpg',
      'set/test/cat_1.jpg': 'test/cat_1.jpg',
    })
  })

  it('takes folders of classes for classes, silently, and test/ beside them for the test set', () => {
    const { ids, note } = arrange(['cat/1.jpg', 'dog/1.jpg', 'test/cat/1.jpg'])
    expect([...ids.values()]).toEqual(['train/cat/1.jpg', 'train/dog/1.jpg', 'test/cat/1.jpg'])
    expect(note).toBe('test/ is the test set')
    expect(arrange(['cat/1.jpg', 'dog/1.jpg']).note).toBeUndefined()
  })

  it('keeps a class of railways beside other classes', () => {
    expect(idsOf(['bus/1.jpg', 'train/1.jpg'])).toEqual({
      'bus/1.jpg': 'train/bus/1.jpg',
      'train/1.jpg': 'train/train/1.jpg',
    })
  })

  it('never takes flat train/ and val/ for two classes', () => {
    expect(idsOf(['train/1.jpg', 'val/2.jpg'])).toEqual({ 'train/1.jpg': 'train/1.jpg', 'val/2.jpg': 'train/2.jpg' })
  })

  it('takes a known class for a class, whatever is in its folder', () => {
    expect(idsOf(['cat/2024/1.jpg'], ['cat'])).toEqual({ 'cat/2024/1.jpg': 'train/cat/2024/1.jpg' })
    expect(idsOf(['cat/2024/1.jpg'])).toEqual({ 'cat/2024/1.jpg': 'train/2024/1.jpg' })
  })
})

describe('arrangeImages', () => {
  const base = temporaryFolder()

  it.each([
    ['train/ and test/', ['train/cat/a', 'test/cat_1'], ['test/cat_1', 'train/cat/a']],
    ['folders of classes', ['cat/a', 'dog/b'], ['train/cat/a', 'train/dog/b']],
    ['classes beside test/', ['cat/a', 'test/cat_1'], ['test/cat_1', 'train/cat/a']],
    ['one folder around train/', ['animals/train/cat/a', 'animals/README'], ['README', 'train/cat/a']],
    [
      'one folder around classes',
      ['animals/cat/a', 'animals/manifest.csv', '.DS_Store'],
      ['train/cat/a', 'train/manifest.csv'],
    ],
    ['train/ alone', ['train/cat/a'], ['train/cat/a']],
    ['one class alone', ['cat/a'], ['train/cat/a']],
    [
      'train/, val/ and test/',
      ['train/cat/a', 'val/cat/b', 'test/cat/c'],
      ['test/cat/c', 'train/cat/a', 'train/cat/b'],
    ],
  ])('brings %s into the layout', async (_what, before, after) => {
    for (const path of before) await writeTo(join(base.path, 'unpacked', path), '')
    const { folder } = await arrangeImages(join(base.path, 'unpacked'))
    const files = (await listFiles(folder)).map((path) => path.slice(folder.length + 1))
    expect(files.filter((path) => !path.startsWith('.'))).toEqual(after)
  })

  it('joins the origins of sets that are pooled', async () => {
    for (const set of ['train', 'val']) {
      await writeTo(join(base.path, 'unpacked', set, 'cat/1.png'), set)
      await writeTo(join(base.path, 'unpacked', set, 'manifest.csv'), `path,source\ncat/1.png,of ${set}\n`)
    }
    const { folder } = await arrangeImages(join(base.path, 'unpacked'))
    const manifest = await readFile(join(folder, 'train/manifest.csv'), 'utf8')
    expect(manifest).toBe('path,source\ncat/1-2.png,of val\ncat/1.png,of train\n')
  })
})
