import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { readTestSet } from '../../src/core/test-set.ts'
import { readPin } from '../../src/dataset/pin.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { add } from '../../src/workspace/add.ts'
import { type Clone, cloneCheckout } from '../support/clone.ts'
import { drawImage, writeImages, writeTo } from '../support/images.ts'
import { listFiles, refusal } from '../support/refusal.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** One clone gets images again and again, for each pin costs DVC seconds. */
let clone: Clone
/** Somebody's images, outside the clone. */
const folder = temporaryFolder({ per: 'file' })
const before = process.cwd()

const OLD = ['cat/1.png', 'dog/1.png', 'dog/2.png']
const there = (path: string) => join(folder.path, path)

beforeAll(async () => {
  clone = await cloneCheckout()
  process.chdir(clone.root)
  await clone.write('params.yaml', await clone.read('profiles/folder.yaml'))
  await writeImages('data/train', OLD)
  await clone.write('data/train/manifest.csv', 'path,source\ncat/1.png,a/farm\n')
  await clone.run('dvc', 'add', '--quiet', 'data')
})
afterAll(async () => {
  process.chdir(before)
  await clone.remove()
})

describe('add', () => {
  it('adds new images, leaves out duplicates, and pins the result', async () => {
    await writeTo(there('more/cat/1.png'), await drawImage({ number: 60 })) // the name is taken
    await writeTo(there('more/cat/again.png'), await readFile('data/train/dog/2.png')) // there, under another label
    await writeTo(there('more/horse/1.png'), await drawImage({ number: 61 }))
    await writeTo(there('more/horse/2.png'), await drawImage({ number: 61 }))
    await writeTo(there('more/manifest.csv'), 'path,source\ncat/1.png,a/barn\n')
    await clone.write(
      'artifacts/split/split.csv',
      'id,label,part\ntrain/cat/1.png,cat,validation\ntrain/dog/1.png,dog,train\n',
    )
    const old = await readPin()
    expect(await refusal(clone, () => add([there('more')]))).toMatch(
      /^Expected images of cat, dog in .*more, received others: horse 2\. Correct the labels, or declare a class as new: --new-class "horse"\.$/,
    )
    const outcome = await clone.run('add', there('more'), '--new-class', 'horse')
    expect(outcome.exitCode).toBe(0)
    const pin = await readPin()
    expect(outcome.output.replace(/ \(\d+\.\d s\)$/, '').split('\n')).toEqual([
      'add: left out "cat/again.png": a duplicate',
      'add: left out "horse/2.png": a duplicate',
      `add: pin ${old.md5} -> ${pin.md5} (6 files, 0.0 MB)`,
      'add: whether the new images are foreign cannot be told: no model is trained yet (`npm run repro`)',
      'add: sizes were not compared: fetch has not run (`npm run repro`)',
      'add: split will stop: Expected 3 or more different images of cat, received 2. Add images to data/train/cat or remove the label.',
      'add: images added: cat 1, horse 1; duplicates left out: 2; `npm run repro` trains on them',
    ])
    expect(pin).toEqual(await hashFolder('data'))
    const validated = sha256(await readFile('data/train/cat/1.png'))
    expect(await clone.read('records/evaluated.csv')).toBe(`sha256,part\n${validated},validation\n`)
    expect(await listFiles('data/train')).toEqual(
      ['cat/1-2.png', ...OLD, 'horse/1.png', 'manifest.csv'].map((path) => `data/train/${path}`),
    )
    expect(await clone.read('data/train/manifest.csv')).toBe('path,source\ncat/1-2.png,a/barn\ncat/1.png,a/farm\n')
  })

  it('reports that no image is new, and keeps the pin', async () => {
    const pin = await clone.read('data.dvc')
    expect((await clone.runHere('add', there('more'))).output).toMatch(/^add: no new images; duplicates left out: 4/m)
    expect(await clone.read('data.dvc')).toBe(pin)
  })

  it('pins what was changed by hand, and notes what was evaluated, under whatever name it is now', async () => {
    const judged = sha256(await readFile('data/train/dog/1.png'))
    await clone.write('artifacts/split/split.csv', 'id,label,part\ntrain/dog/1.png,dog,holdout\n')
    await clone.write(
      'artifacts/fetch/manifest.csv',
      `id,label,set,sha256,width,height,source\ntrain/dog/1.png,dog,train,${judged},64,64,a\n`,
    )
    await rename('data/train/dog/1.png', 'data/train/dog/renamed.png')
    await clone.write('data/test/cat_1.png', await drawImage({ number: 70 }))
    const old = await readPin()
    const said = await add([])
    const pin = await readPin()
    expect(said).toMatch(
      new RegExp(`^pin ${old.md5} -> ${pin.md5} \\(7 files, .*\\); \`npm run repro\` trains on them$`),
    )
    expect(pin).toEqual(await hashFolder('data'))
    expect(await clone.read('records/evaluated.csv')).toContain(`${judged},holdout\n`)
  })

  it('leaves out what is in the test set', async () => {
    await writeTo(there('leak/cat/x.png'), await drawImage({ number: 70 }))
    expect(await add([there('leak')])).toBe('no new images; duplicates left out: 1')
  })

  it('pools train/ and val/ of a folder, and adds the images of its test/ to the frozen test set', async () => {
    for (const [number, path] of ['train/cat/x.png', 'val/dog/x.png', 'test/dog/x.png'].entries()) {
      await writeTo(there(`tree/${path}`), await drawImage({ number: 80 + number }))
    }
    // one photograph twice: with the horse that is there, two different images
    await writeTo(there('tree/train/horse/a.png'), await drawImage({ number: 90 }))
    await writeTo(there('tree/train/horse/b.jpg'), await drawImage({ number: 90, format: 'jpeg' }))
    const log = vi.spyOn(console, 'log').mockReturnValue()
    expect(await add([there('tree')])).toBe(
      'images added: cat 1, dog 2, horse 2; duplicates left out: 0; `npm run repro` trains on them',
    )
    expect(log.mock.lastCall).toEqual([
      'add: split will stop: Expected 3 or more different images of horse, received 2 among 3 files (fetch.nearDuplicates: copies of one count once). Add images to data/train/horse or remove the label.',
    ])
    log.mockRestore()
    const files = await listFiles('data')
    expect(files).toEqual(
      expect.arrayContaining(['data/test/dog/x.png', 'data/train/cat/x.png', 'data/train/dog/x.png']),
    )
    expect((await readTestSet()).map(({ id, label }) => [id, label])).toEqual([
      ['test/cat_1.png', 'cat'],
      ['test/dog/x.png', 'dog'],
    ])
  })

  it('restores everything when the images cannot be copied', async () => {
    await writeTo(there('broken/cat/x.png'), await drawImage({ number: 71 }))
    await writeTo(there('broken/manifest.csv'), 'name,place\n')
    expect(await refusal(clone, () => add([there('broken')]))).toMatch(
      /^Expected the columns path and source or source_repo/,
    )
  })

  it('refuses anything but a folder of classes outside data/, in one line', async () => {
    expect(await refusal(clone, () => add([there('none')]))).toMatch(
      /^Expected a folder of images, received: nothing at /,
    )
    expect(await refusal(clone, () => add([there('more/cat')]))).toMatch(
      /^Expected 1 or more class folders with images/,
    )
    expect(await refusal(clone, () => add(['data/train']))).toMatch(/^Expected a folder outside data\//)
  })

  describe('with --apply', () => {
    const decide = async (id: string, decided: Readonly<Record<string, string>>) => {
      const content = sha256(await readFile(join('data', id)))
      return { id, sha256: content, label: id.split('/')[1] ?? '', why: 'looks like dog', ...decided }
    }
    const save = async (...decisions: readonly unknown[]) => {
      await writeTo(there('decisions.json'), JSON.stringify({ decisions }))
      return there('decisions.json')
    }

    it('moves relabelled images with their origin, lists excluded ones, pins, and keeps evaluated images where they are', async () => {
      const judged = sha256(await readFile('data/train/cat/1.png'))
      await clone.write('artifacts/split/split.csv', 'id,label,part\ntrain/cat/1.png,cat,holdout\n')
      await clone.write('records/evaluated.csv', 'sha256,part\n')
      const file = await save(
        await decide('train/cat/1.png', { decision: 'relabel', to: 'dog' }),
        await decide('train/cat/x.png', { decision: 'relabel', to: 'dog' }), // the name is taken
        await decide('train/dog/2.png', { decision: 'exclude' }),
        await decide('train/dog/renamed.png', { decision: 'keep' }),
      )
      const old = await readPin()
      const log = vi.spyOn(console, 'log').mockReturnValue()
      expect(await add(['--apply', file])).toBe(
        '2 relabelled, 1 excluded, 1 kept; `npm run repro` trains on the result',
      )
      const pin = await readPin()
      expect(log.mock.calls[0]?.[0]).toMatch(new RegExp(`^add: pin ${old.md5} -> ${pin.md5} `))
      log.mockRestore()
      expect(pin).toEqual(await hashFolder('data'))
      const files = await listFiles('data/train')
      expect(files).not.toContain('data/train/cat/1.png')
      expect(sha256(await readFile('data/train/dog/1.png'))).toBe(judged)
      expect(files).toEqual(expect.arrayContaining(['data/train/dog/x.png', 'data/train/dog/x-2.png']))
      expect(await clone.read('data/train/manifest.csv')).toMatch(/^dog\/1\.png,a\/farm$/m)
      expect(await clone.read('exclude.csv')).toBe('id,reason\ntrain/dog/2.png,audit: looks like dog\n')
      expect(files).toContain('data/train/dog/2.png')
      expect(await clone.read('records/evaluated.csv')).toBe(`sha256,part\n${judged},holdout\n`)
    })

    it('refuses a stale file as a whole, and names what changed', async () => {
      const fresh = await decide('train/dog/1.png', { decision: 'relabel', to: 'cat' })
      const file = await save(
        fresh,
        fresh,
        { ...fresh, id: 'train/cat/1.png', label: 'cat' },
        { ...(await decide('train/dog/renamed.png', { decision: 'keep' })), sha256: '0'.repeat(64) },
        await decide('train/dog/2.png', { decision: 'exclude' }),
        await decide('train/dog/x.png', { decision: 'relabel', to: 'fish' }),
        await decide('train/horse/1.png', { decision: 'keep', label: 'dog' }),
      )
      const state = async () => [
        await hashFolder('data'),
        await clone.read('exclude.csv'),
        await clone.read('data.dvc'),
      ]
      const before = await state()
      const message = await add(['--apply', file]).catch((error: Error) => error.message)
      expect(message).toBe(
        `Expected decisions on the images as they are in data/, received ${file}, in which 6 of 7 are on others. Nothing was changed. Run \`npm run audit\` again; its page remembers what you decided on images that did not change.
  train/dog/1.png: decided twice
  train/cat/1.png: not there
  train/dog/renamed.png: another image by now
  train/dog/2.png: in exclude.csv already
  train/dog/x.png: no class fish
  train/horse/1.png: labelled horse, not dog`,
      )
      expect(await state()).toEqual(before)
    })

    it('refuses decisions on test images, a file that is none, and a folder beside it', async () => {
      const id = 'test/dog/x.png'
      const file = await save(await decide(id, { decision: 'exclude', label: 'dog' }))
      expect(await add(['--apply', file]).catch((error: Error) => error.message)).toBe(
        `Expected decisions on images of data/train/ in ${file}, received 1 on test images, which are frozen. Move them by hand, run \`npm run add\`, then \`npm run accept-test-set\`.\n  ${id}: exclude`,
      )
      expect(await refusal(clone, () => add(['--apply', there('none.json')]))).toMatch(
        /^Expected decisions of an audit in .*none\.json, received: nothing at .*Save it on the page of `npm run audit`\.$/,
      )
      expect(await refusal(clone, () => add([there('more'), '--apply', file]))).toMatch(/^Expected --apply FILE alone/)
    })

    it('moves everything back when the result cannot be pinned', async () => {
      const file = await save(await decide('train/dog/1.png', { decision: 'relabel', to: 'cat' }))
      const read = await clone.read('data/train/manifest.csv')
      await clone.write('data/train/manifest.csv', 'name,place\n')
      await add([]) // pinned, so that only the origins are wrong
      expect(await refusal(clone, () => add(['--apply', file]))).toMatch(/^Expected the columns path and source/)
      expect(await listFiles('data/train')).toContain('data/train/dog/1.png')
      await clone.write('data/train/manifest.csv', read)
      await clone.write('exclude.csv', 'id,reason\n')
      await add([])
    })
  })

  it('changes the source from sample to folder, since the images can no longer be drawn', async () => {
    await clone.write('params.yaml', await clone.read('profiles/sample.yaml'))
    await writeTo(there('last/cat/x.png'), await drawImage({ number: 72 }))
    expect(await add([there('last')])).toBe(
      'images added: cat 1; duplicates left out: 0; `npm run repro` trains on them',
    )
    expect(parse(await clone.read('params.yaml')).fetch).toEqual({
      source: 'folder',
      maxRejected: 0.02,
      nearDuplicates: true,
    })
  })

  it('refuses to add where there are no images', async () => {
    await clone.remove('data')
    expect(await refusal(clone, () => add([there('more')]))).toMatch(
      /^Expected images in data\/ to add to, received none\. Bring the pinned ones with `npm run repro -- fetch --force`/,
    )
  })
})
