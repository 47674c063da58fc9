import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { type SplitRow, writeSplit } from '../../src/dataset/split.ts'

const stage = [resolve('pipeline/augment.ts')]

describe('pipeline/augment.ts', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-augment-stage-'))
    const sample = parse(await readFile('profiles/sample.yaml', 'utf8'))
    const image = { size: 64, fit: 'fill' }
    const augment = { copies: 1, rotation: 40, shift: 0.2, shear: 0.2, zoom: 0.2, flip: true, online: null }
    await writeFile(join(folder, paths.params), stringify({ ...sample, image, augment }))
    const rows: SplitRow[] = ['cat', 'dog'].flatMap((label) => [
      ...Array.from({ length: 4 }, (_, index) => ({
        id: `train/${label}/${index}.jpg`,
        label,
        part: 'train' as const,
      })),
      { id: `train/${label}/8.jpg`, label, part: 'validation' },
      { id: `train/${label}/9.jpg`, label, part: 'holdout' },
    ])
    await writeSplit(join(folder, paths.split), rows)
    await Promise.all(rows.map(({ id }, index) => writeImage(join(folder, paths.images, id), index)))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('writes the same bytes for any number of threads, says how many and leaves stderr empty', async () => {
    const outcomes = []
    for (const threads of ['1', '8']) {
      const { stdout, stderr } = await execa(process.execPath, stage, {
        cwd: folder,
        env: { UV_THREADPOOL_SIZE: threads },
      })
      expect(stdout).toMatch(/^augment: 16 train, 2 validation, 2 holdout, 0 test arrays of 64 px \(\d+\.\d s\)$/)
      expect(stderr).toBe('')
      const names = (await readdir(join(folder, paths.augment))).sort()
      const files = await Promise.all(names.map((name) => readFile(join(folder, paths.augment, name))))
      outcomes.push(names.map((name, place) => `${name} ${sha256(files[place] as Buffer)}`))
    }
    expect(outcomes[0]?.length).toBe(9)
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  it('fails with one line that names the image, and keeps what was there', async () => {
    await writeFile(join(folder, paths.images, 'train/cat/0.jpg'), '')
    const { stdout, stderr, exitCode } = await execa(process.execPath, stage, { cwd: folder, reject: false })
    expect([stdout, exitCode]).toEqual(['', 1])
    expect(stderr).toBe(
      'augment: DataError: Expected train/cat/0.jpg in artifacts/fetch/images as fetch accepted it, received an empty file. Run fetch again.',
    )
    expect((await readdir(join(folder, 'artifacts'))).sort()).toEqual(['augment', 'fetch', 'split'])
  })
})

async function writeImage(path: string, seed: number): Promise<void> {
  const width = 160
  const pixels = Uint8Array.from({ length: width * width * 3 }, (_, place) => (place * (seed + 3)) >> 6)
  await mkdir(dirname(path), { recursive: true })
  await sharp(pixels, { raw: { width, height: width, channels: 3 } })
    .jpeg()
    .toFile(path)
}
