import { chmod, cp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { objectPath } from '../../src/core/dvc-objects.ts'
import { exists } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { writeTestSet } from '../../src/core/test-set.ts'
import { readManifest } from '../../src/dataset/manifest.ts'
import { readPairs } from '../../src/dataset/pairs.ts'
import { readPin } from '../../src/dataset/pin.ts'
import { openSquares } from '../../src/dataset/squares.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { samplePixels } from '../../src/fetch/sample.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { findTestSet } from '../../src/workspace/accept-test-set.ts'
import { writeImages, writeTo } from '../support/images.ts'
import { runHere } from '../support/run-here.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const IMAGES = ['train/cat/a.png', 'train/cat/b.jpg', 'train/dog/a.png', 'test/dog_1.png']

const folder = temporaryFolder()
beforeEach(async () => {
  const params = parse(await readFile('profiles/sample.yaml', 'utf8'))
  params.fetch = { source: 'folder', maxRejected: 0.2 }
  await writeFile(join(folder.path, paths.params), stringify(params))
  await symlink(resolve('.venv'), join(folder.path, '.venv'))
  await writeFile(join(folder.path, paths.exclude), 'id,reason\n')
})

const run = (...args: string[]) => runHere(folder.path, 'pipeline/fetch.ts', ...args)
/** Freezes the test set that data/ holds. */
const freeze = async () =>
  writeTestSet(await findTestSet(join(folder.path, paths.data), []), join(folder.path, paths.testSet))
const inFolder = async (command: string) => execa(command, { cwd: folder.path, shell: true })

async function pinOfData(): Promise<string> {
  return (await hashFolder(join(folder.path, paths.data))).md5
}

async function pinInFile(): Promise<string> {
  return (await readPin(join(folder.path, paths.pin))).md5
}

describe('pipeline/fetch.ts', () => {
  it('lists and decodes the images of the pin, in one line', async () => {
    await writeImages(join(folder.path, paths.data), IMAGES)
    await writeTo(join(folder.path, paths.data, 'train/dog/empty.jpg'), '')
    await freeze()
    const stage = [resolve('pipeline/fetch.ts'), await pinOfData()]
    const { stdout, stderr, exitCode } = await execa(process.execPath, stage, { cwd: folder.path })
    expect([stderr, exitCode]).toEqual(['', 0])
    expect(stdout).toMatch(
      /^fetch: 4 images of 2 classes, 1 rejected \(artifacts\/fetch\/rejected\.csv\) \(\d+\.\d s\)$/,
    )
    const manifest = await readManifest(join(folder.path, paths.manifest))
    expect(manifest.map(({ id }) => id)).toEqual([...IMAGES].sort())
    expect(await readFile(join(folder.path, paths.rejected), 'utf8')).toBe(
      'id,reason\ntrain/dog/empty.jpg,an empty file\n',
    )
    const squares = openSquares(join(folder.path, paths.images), manifest, 112)
    for (const id of IMAGES) {
      const decoded = await decodePixels(join(folder.path, paths.data, id), { size: 112, fit: 'cover' })
      expect(await squares.read(id)).toEqual(new Uint8Array(decoded))
    }
    await squares.close()
  })

  it('draws a sample that is accepted once its pin is known', async () => {
    const params = parse(await readFile(join(folder.path, paths.params), 'utf8'))
    params.fetch = { source: 'sample', maxRejected: 0, imagesPerClass: 2, testImagesPerClass: 1, size: 32 }
    await writeFile(join(folder.path, paths.params), stringify(params))
    const first = await run(`${'0'.repeat(32)}.dir`)
    expect([first.stdout, first.exitCode]).toEqual(['', 1])
    expect(first.stderr).toMatch(
      /^fetch: DataError: Expected the images of the pin 0+\.dir, received .*\(9 files\)[^\n]*$/,
    )
    await freeze()
    expect((await run(await pinOfData())).stdout).toMatch(/^fetch: 9 images of 3 classes, 0 rejected/)
  })

  it('fails in one line without a pin', async () => {
    const { stderr, exitCode } = await run()
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^fetch: ConfigError: Expected the pin of the images[^\n]*, received nothing\.[^\n]*$/)
  })

  it('fails with the list when too many files are rejected, and writes nothing', async () => {
    await writeImages(join(folder.path, paths.data), IMAGES)
    for (const name of ['x.jpg', 'y.jpg']) await writeTo(join(folder.path, paths.data, 'train/dog', name), '')
    const { stderr, exitCode } = await run(await pinOfData())
    expect(exitCode).toBe(1)
    // 2 of 6 files
    expect(stderr).toBe(
      [
        'fetch: DataError: Expected at most 20.0 % of the files to be rejected (fetch.maxRejected), received 2 of 6 (33.3 %). Replace or remove them.',
        '  train/dog/x.jpg: an empty file',
        '  train/dog/y.jpg: an empty file',
      ].join('\n'),
    )
    expect(await readdir(join(folder.path, 'artifacts'))).toEqual([])
  })

  it('fails with the list when the test set is not the frozen one, and writes nothing', async () => {
    const data = join(folder.path, paths.data)
    const frozen = ['changed', 'dropped', 'relabelled', 'excluded'].map((name) => `test/dog/${name}.png`)
    await writeImages(data, [...IMAGES, ...frozen])
    await freeze()
    await cp(join(data, 'train/cat/a.png'), join(data, 'test/dog/changed.png'))
    await rm(join(data, 'test/dog/dropped.png'))
    await writeImages(data, ['test/cat/added.png'], { number: 40 })
    await rename(join(data, 'test/dog/relabelled.png'), join(data, 'test/cat/relabelled.png'))
    await writeFile(join(folder.path, paths.exclude), 'id,reason\ntest/dog/excluded.png,not a dog\n')
    const { stderr, exitCode } = await run(await pinOfData())
    expect(exitCode).toBe(1)
    expect(stderr.split('\n')).toEqual([
      'fetch: DataError: Expected the test set of test-set.csv, received one with 5 changes. Restore the images, or accept the new set with `npm run accept-test-set`.',
      '  test/cat/added.png: added',
      '  test/cat/relabelled.png: relabelled dog -> cat (was test/dog/relabelled.png)',
      '  test/dog/changed.png: changed: another image',
      '  test/dog/dropped.png: dropped',
      '  test/dog/excluded.png: dropped',
    ])
    expect(await readdir(join(folder.path, 'artifacts'))).toEqual([])
  })

  it('lists pairs of images of the same photograph', async () => {
    const data = join(folder.path, paths.data)
    for (const [id, number] of Object.entries({ 'train/cat/a.png': 1, 'train/cat/b.png': 1, 'train/dog/a.png': 2 })) {
      const pixels = samplePixels({ set: 'train', label: 'cat', number, size: 200 }, 1)
      const image = sharp(pixels, { raw: { width: 200, height: 200, channels: 3 } })
      await writeTo(
        join(data, id),
        await image
          .flop(id === 'train/cat/b.png')
          .png()
          .toBuffer(),
      )
    }
    await freeze()
    expect((await run(await pinOfData())).exitCode).toBe(0)
    expect(await readPairs(join(folder.path, paths.pairs))).toMatchObject([
      { id: 'train/cat/a.png', other: 'train/cat/b.png', kind: 'mirrored' },
    ])
  })

  it('pulls through the real DVC, and names the command that accepts new images', { timeout: 180_000 }, async () => {
    const dvc = resolve('.venv/bin/dvc')
    await writeImages(join(folder.path, paths.data), IMAGES)
    await freeze()
    await inFolder('git init -q .')
    await writeTo(
      join(folder.path, '.dvc/config'),
      `[core]\n    analytics = false\n    remote = box\n['remote "box"']\n    url = ${folder.path}/box\n`,
    )
    await inFolder(`${dvc} add -q data && ${dvc} push -q && rm -rf data .dvc/cache`)
    const pin = await pinInFile()
    expect((await run(pin)).stdout).toMatch(/^fetch: 4 images of 2 classes, 0 rejected/)

    await writeImages(join(folder.path, paths.data), ['train/cat/new.jpg'], { number: 9 })
    expect((await run(pin)).stderr).toContain('To accept these: `npm run add`.')
    await inFolder(`${dvc} add data`)
    expect((await run(await pinInFile())).stdout).toMatch(/^fetch: 5 images of 2 classes, 0 rejected/)

    await inFolder('rm -rf data .dvc/cache box')
    const { stderr, exitCode } = await run(pin)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      'fetch: DataError: Expected the images in data/, or where `dvc pull` finds them, received none.',
    )
  })

  it('does not start DVC where there is no remote and the cache does not have the images', async () => {
    const started = join(folder.path, 'started')
    await rm(join(folder.path, '.venv'))
    await writeTo(join(folder.path, '.venv/bin/dvc'), `#!/bin/sh\ntouch ${started}\nexit 1\n`)
    await chmod(join(folder.path, '.venv/bin/dvc'), 0o755)
    const pin = `${'0'.repeat(32)}.dir`
    expect((await run(pin)).stderr).toContain('received none')
    expect(await exists(started)).toBe(false)
    await writeTo(join(folder.path, objectPath('.dvc/cache', pin)), '[]')
    expect((await run(pin)).stderr).toContain('received none')
    expect(await exists(started)).toBe(true)
  })
})
