import { cp, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectPath } from '../../src/core/dvc-objects.ts'
import { exists } from '../../src/core/files.ts'
import { hashTestSet, readTestSet } from '../../src/core/test-set.ts'
import { readPin } from '../../src/dataset/pin.ts'
import { hashFiles, hashFolder } from '../../src/fetch/folder-hash.ts'
import { replaceImages } from '../../src/workspace/pinned-images.ts'
import { use } from '../../src/workspace/use.ts'
import { type Clone, cloneCheckout, commit } from '../support/clone.ts'
import { drawImage, writeImages, writeTo } from '../support/images.ts'
import { listFiles, refusal } from '../support/refusal.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** One clone takes one folder after the other, for each pin costs DVC seconds. */
let clone: Clone
/** The user's images, outside the clone. */
const folder = temporaryFolder({ per: 'file' })
const before = process.cwd()

const TRAINING = ['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/2.png', 'dog/3.png']
const there = (path: string) => join(folder.path, path)

beforeAll(async () => {
  clone = await cloneCheckout()
  await writeImages(there('photos'), TRAINING)
  const manifest = 'path,label,source_repo,width\ncat/1.png,cat,a/farm,48\ncat/2.png,cat,,48\n'
  await writeTo(there('photos/manifest.csv'), manifest)
  await writeTo(there('test/cat_dark.png'), await drawImage({ number: 50 }))
  await writeTo(there('test/dog/1.png'), await drawImage({ number: 51 }))
  await cp(there('photos/cat'), there('one/cat'), { recursive: true })
  await cp(there('photos/dog'), there('birds/owl'), { recursive: true })
  process.chdir(clone.root)
})
afterAll(async () => {
  process.chdir(before)
  await clone.remove()
})

describe('use', () => {
  it('installs a folder: its parameters, its images, their pin; and lists what changed', async () => {
    const old = await readPin()
    const outcome = await clone.run('use', 'folder', '--data', there('photos'), '--test', there('test'))
    expect(outcome.exitCode).toBe(0)
    const profile = await clone.read('profiles/folder.yaml')
    expect(await clone.read('params.yaml')).toBe(profile.replace('title: My images', 'title: Photos'))
    expect(await listFiles('data')).toEqual(
      ['test/cat_dark.png', 'test/dog/1.png', ...TRAINING.map((path) => `train/${path}`), 'train/manifest.csv'].map(
        (path) => `data/${path}`,
      ),
    )
    const pin = await readPin()
    expect(pin).toEqual(await hashFolder('data'))
    for (const line of [
      'use: training images: cat 2, dog 3',
      'use: test images: cat 1, dog 1',
      'use: split will stop: Expected 3 or more different images of cat, received 2. Add images to data/train/cat or remove the label.',
      'use: params.yaml: fetch.source "sample" -> "folder"',
      `use: pin ${old.md5} -> ${pin.md5} (8 files, 0.0 MB)`,
      `use: test-set.csv: 2 images, ${hashTestSet(await readTestSet()).slice(0, 12)}: the frozen test set`,
      'use: profile folder is in place; `npm run repro` runs it',
    ])
      expect(outcome.output).toContain(line)
  })

  it('keeps the origins of a manifest, and no path of the machine', async () => {
    expect(await clone.read('data/train/manifest.csv')).toBe('path,source\ncat/1.png,a/farm\n')
    const changed = (await clone.git('status', '--porcelain')).split('\n').map((line) => line.trim())
    expect(changed).toEqual(['M data.dvc', 'M params.yaml', 'M test-set.csv'])
    for (const path of ['params.yaml', 'data.dvc']) expect(await clone.read(path)).not.toContain(folder.path)
  })

  it('changes nothing a second time, and says so', async () => {
    const [params, pin] = [await clone.read('params.yaml'), await clone.read('data.dvc')]
    const outcome = await clone.runHere('use', 'folder', '--data', there('photos'), '--test', there('test'))
    expect(outcome.output).toContain(`use: pin ${(await readPin()).md5} as before (8 files)`)
    expect(outcome.output).not.toContain('use: params.yaml')
    expect(outcome.output).toMatch(/^use: test-set\.csv: 2 images, [0-9a-f]{12} as before: the frozen test set$/m)
    expect([await clone.read('params.yaml'), await clone.read('data.dvc')]).toEqual([params, pin])
  })

  it('starts DVC only where its cache does not have the images', async () => {
    const again = () => clone.runHere('use', 'folder', '--data', there('photos'), '--test', there('test'))
    await rename('.venv', 'venv.tmp')
    expect(await again()).toMatchObject({ exitCode: 0 })
    await rename('venv.tmp', '.venv')
    const [{ md5: image = '' } = {}] = await hashFiles('data')
    await clone.remove(objectPath('.dvc/cache', image))
    expect(await again()).toMatchObject({ exitCode: 0 })
    expect(await exists(objectPath('.dvc/cache', image))).toBe(true)
  })

  it('keeps a params.yaml that is not committed, and names the command that restores it', async () => {
    const folderProfile = await clone.read('params.yaml')
    const args = ['folder', '--data', there('photos'), '--test', there('test')]
    for (const [own, kept] of [
      ['# mine\n', '.paddock/params-before-use.yaml'],
      ['# mine again\n', '.paddock/params-before-use-2.yaml'],
    ] as const) {
      await clone.write('params.yaml', folderProfile + own)
      const { output } = await clone.runHere('use', ...args)
      expect(output).toContain(
        `use: params.yaml: the old one was not committed; \`cp ${kept} params.yaml\` restores it\n`,
      )
      expect(await clone.read(kept)).toBe(folderProfile + own)
      expect(await clone.read('params.yaml')).toBe(folderProfile)
    }
    await clone.write('params.yaml', `${folderProfile}# mine, in git\n`)
    await commit(clone)
    expect((await clone.runHere('use', ...args)).output).not.toContain('was not committed')
    expect((await listFiles('.paddock')).filter((path) => path.includes('before-use'))).toHaveLength(2)
  })

  it('keeps the lines of exclude.csv whose images are there, and names those it removes', async () => {
    const lines = ['train/cat/1.png,blurred', '"train/cat/gone.png","twice, in blue"', 'test/dog/1.png,not a dog']
    await clone.write('exclude.csv', `id,reason\n${lines.join('\n')}\n`)
    const outcome = await clone.runHere('use', 'folder', '--data', there('photos'), '--test', there('test'))
    expect(outcome.output).toContain('use: exclude.csv: removed "train/cat/gone.png,twice, in blue"')
    expect(await clone.read('exclude.csv')).toBe('id,reason\ntrain/cat/1.png,blurred\ntest/dog/1.png,not a dog\n')
    expect((await readTestSet()).map(({ id }) => id)).toEqual(['test/cat_dark.png'])
    await clone.write('exclude.csv', 'id,reason\n')
  })

  it('counts what fetch will accept, and names what it leaves out', async () => {
    await cp(there('photos'), there('odd'), { recursive: true })
    await symlink('/etc/hostname', there('odd/cat/link.png'))
    await writeTo(there('odd/loose.png'), await drawImage({ number: 30 }))
    await writeTo(there('odd/.DS_Store'), '')
    expect(await refusal(clone, () => use(['folder', '--data', there('odd'), '--test', there('nowhere')]))).toContain(
      'nowhere',
    )
    await writeTo(there('odd/dog/Thumbs.db'), 'x')
    await writeTo(there('odd/dog/notes.txt'), 'two dogs')
    const outcome = await clone.runHere('use', 'folder', '--data', there('odd'), '--no-test')
    expect(outcome.output).toContain('use: training images: cat 2, dog 3\n')
    expect(outcome.output).toContain('use: left out "dog/Thumbs.db": not an image by its name')
    expect(outcome.output).toContain('use: left out "dog/notes.txt": a file of another format')
    expect(outcome.output).toContain('use: left out ".DS_Store": hidden')
    expect(outcome.output).toContain('use: left out "cat/link.png": a link')
    expect(outcome.output).toContain('use: left out "loose.png": no label: expected train/<label>/<file>')
    expect(outcome.output).toContain('use: no test images: the gate fails until there are some (--test DIR)')
    expect(await listFiles('data')).toEqual([...TRAINING, 'manifest.csv'].map((path) => `data/train/${path}`))
  })

  it.each([
    ['no profile', [], 'Expected a profile, one of sample, folder, animals10, received none. See --help.'],
    [
      'a foreign profile',
      ['animals'],
      'Expected a profile, one of sample, folder, animals10, received animals. See --help.',
    ],
    ['an unknown option', ['folder', '--dir', 'x'], "Unknown option '--dir'. See --help."],
    [
      'a folder without --data',
      ['folder'],
      'Expected --data DIR with folder, received none. Name the folder of the images.',
    ],
    [
      'the sample with --data',
      ['sample', '--data', 'x'],
      'Expected sample without --data and --test, received one. Omit them: the sample is drawn.',
    ],
    [
      'the sample with an option of folder',
      ['sample', '--no-test'],
      'Expected --no-test with folder only, received sample. Omit it.',
    ],
    ['a title without text', ['folder', '--data', 'FOLDER/photos', '--title', ''], /^params\.yaml.*report\.title/],
    [
      'a folder that is not there',
      ['folder', '--data', 'FOLDER/none'],
      /^Expected a folder of images, received: nothing at .*none\. Name another\.$/,
    ],
    [
      'a file',
      ['folder', '--data', 'FOLDER/test/cat_dark.png'],
      /^Expected a folder of images, received: a file in place of a folder at .* Name another\.$/,
    ],
    [
      'images without class folders',
      ['folder', '--data', 'FOLDER/photos/cat'],
      /^Expected 2 or more class folders with images in .*, received none \(left out: no label: expected train\/<label>\/<file> \(2: 1\.png, …\)\)\. Sort the images into one folder for each class, or name a table of their labels: --labels FILE\.csv\.$/,
    ],
    ['one class', ['folder', '--data', 'FOLDER/one'], /2 or more class folders with images in .*\/one, received cat\./],
    [
      'test images of other classes',
      ['folder', '--data', 'FOLDER/photos', '--test', 'FOLDER/birds'],
      /^Expected test images of cat, dog in .*\/birds, received owl\./,
    ],
    [
      'data/ itself',
      ['folder', '--data', 'data/train'],
      'Expected a folder outside data/, received data/train. Move the images there first.',
    ],
    [
      'a folder around the checkout',
      ['folder', '--data', '..'],
      /^Expected a folder outside and not around this checkout, received \.\.\./,
    ],
  ])('refuses %s in one line', async (_case, args, message) => {
    const text = await refusal(clone, () => use(args.map((word) => word.replace('FOLDER', folder.path))))
    expect(text).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it('restores everything when the new images cannot be copied', async () => {
    await clone.write('params.yaml', `${await clone.read('params.yaml')}# mine, and in no commit\n`)
    await cp(there('photos'), there('bad'), { recursive: true })
    await writeTo(there('bad/manifest.csv'), 'name,place\n')
    expect(await refusal(clone, () => use(['folder', '--data', there('bad')]))).toMatch(
      /^Expected the columns path and source or source_repo/,
    )
  })

  it('restores everything when DVC cannot pin the new images', async () => {
    const withBrokenLink = async (fresh: string) => {
      await writeImages(fresh, ['train/cat/1.png'])
      await symlink('nowhere', join(fresh, 'train/cat/2.png'))
    }
    expect(await refusal(clone, () => replaceImages(withBrokenLink))).toMatch(
      /^Expected `dvc add --quiet data` to end with 0/,
    )
  })

  it('never replaces images that are not pinned, and ends with 1', async () => {
    await clone.write('data/train/cat/own.png', await drawImage({ number: 40 }))
    const message = await refusal(clone, () => use(['sample']))
    expect(message).toMatch(
      /^Expected data\/ to hold the images of data\.dvc \([0-9a-f]{32}\.dir\), received [0-9a-f]{32}\.dir \(7 files\), which is not pinned\./,
    )
    expect(await clone.runHere('use', 'sample')).toEqual({ exitCode: 1, output: `use: DataError: ${message}` })
    await clone.remove('data/train/cat/own.png')
  })

  it('draws the sample; checking out the old pin restores the old images', async () => {
    const old = await clone.read('data.dvc')
    const files = await listFiles('data')
    await clone.write(
      'profiles/sample.yaml',
      (await clone.read('profiles/sample.yaml')).replace(/(magesPerClass:) \d+/g, '$1 2'),
    )
    const outcome = await clone.runHere('use', 'sample')
    expect(outcome.output).toContain('use: images: 2 a class for training, 2 a class for the test')
    expect(await listFiles('data')).toHaveLength(12)
    await clone.write('data.dvc', old)
    expect(await clone.run('dvc', 'checkout', '--quiet', '--force', 'data.dvc')).toMatchObject({ exitCode: 0 })
    expect(await listFiles('data')).toEqual(files)
  })
})
