import { readFile, rm, writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { md5 } from '../../src/core/dvc-objects.ts'
import { describeOutdated } from '../../src/dvc/outdated.ts'
import { hashFiles, pinOf } from '../../src/fetch/folder-hash.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STAGES = {
  fetch: { cmd: `fetch \${pin}`, params: ['image'], deps: ['src/fetch'], outs: ['images'] },
  train: { cmd: 'train', params: ['rate'], deps: ['images', 'src/train'], outs: ['model'] },
  report: { cmd: 'report', deps: ['model', 'records'], outs: ['page'] },
}

describe('describeOutdated', () => {
  temporaryFolder({ enter: true })

  /** A pipeline that ran, with its outs in place. */
  beforeEach(async () => {
    await writeTo('model/weights.bin', 'weights')
    await writeTo('page/index.html', 'page')
    await writeTo('page/more.html', 'more')
    await writeFile('params.yaml', 'pin: 1\nimage: 2\nrate: 3\n')
    await writeFile('dvc.yaml', stringify({ stages: STAGES }))
    const page = await hashFiles('page')
    const hash = pinOf(page).md5
    await writeTo(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`, JSON.stringify(page))
    const code = { md5: md5(Buffer.from('code')) }
    const images = { path: 'images', md5: md5(Buffer.from('images')) }
    const model = { path: 'model', ...pinOf(await hashFiles('model')) }
    const params = (values: object) => ({ 'params.yaml': values })
    const stages = {
      fetch: { cmd: 'fetch 1', deps: [{ path: 'src/fetch', ...code }], params: params({ image: 2 }), outs: [images] },
      train: {
        cmd: 'train',
        deps: [images, { path: 'src/train', ...code }],
        params: params({ rate: 3 }),
        outs: [model],
      },
      report: { cmd: 'report', deps: [model, { path: 'records', ...code }], outs: [{ path: 'page', md5: hash }] },
    }
    await writeFile('dvc.lock', stringify({ schema: '2.0', stages }))
  })

  const model = () => describeOutdated('the model', 'model')
  const page = () => describeOutdated('the page', 'page', 'index.html')

  it('says nothing of outputs of these parameters and images, whatever became of code and records', () => {
    expect([model(), page()]).toEqual([undefined, undefined])
  })

  it('names the first stage whose parameters or images are others', async () => {
    await writeFile('params.yaml', 'pin: 1\nimage: 2\nrate: 4\n')
    expect(model()).toBe(
      'the model was made from other parameters or images than those at hand (train: rate changed); `npm run repro` makes it again',
    )
    await writeFile('params.yaml', 'pin: 7\nimage: 2\nrate: 4\n')
    expect(page()).toContain('(fetch: its command changed)')
  })

  it('says that the files are not those of dvc.lock, as after a checkout of another commit', async () => {
    await writeFile('model/weights.bin', 'others')
    expect(model()).toContain('(model differs from dvc.lock)')
    expect(page()).toBe(undefined)
    await writeFile('page/index.html', 'other')
    expect(page()).toContain('(page differs from dvc.lock)')
  })

  it('says nothing of an output that is not here, or is too large to hash', async () => {
    const lock = await readFile('dvc.lock', 'utf8')
    const { size } = pinOf(await hashFiles('model'))
    await writeFile('model/weights.bin', 'others')
    await writeFile('dvc.lock', lock.replace(`size: ${size}`, 'size: 60000000'))
    expect(model()).toBe(undefined)
    await writeFile('dvc.lock', lock)
    await rm('model', { recursive: true })
    await rm('page/index.html')
    expect([model(), page()]).toEqual([undefined, undefined])
  })

  it('says nothing where there is no pipeline, or it cannot be read', async () => {
    await writeFile('dvc.lock', '<<<<<<< HEAD\n')
    expect(model()).toBe(undefined)
    await rm('dvc.yaml')
    expect(model()).toBe(undefined)
  })
})
