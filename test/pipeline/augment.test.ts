import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { writeManifest } from '../../src/dataset/manifest.ts'
import { type SplitRow, writeSplit } from '../../src/dataset/split.ts'
import { openSquareWriter } from '../../src/dataset/squares.ts'
import { runHere } from '../support/run-here.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const stage = [resolve('pipeline/augment.ts')]
const SIZE = 64

describe('pipeline/augment.ts', () => {
  const folder = temporaryFolder({ per: 'file' })
  const at = (path: string) => join(folder.path, path)
  beforeAll(async () => {
    const sample = parse(await readFile('profiles/sample.yaml', 'utf8'))
    const image = { size: SIZE, fit: 'fill' }
    const augment = { copies: 1, rotation: 40, shift: 0.2, shear: 0.2, zoom: 0.2, flip: true, online: null }
    await writeFile(at(paths.params), stringify({ ...sample, image, augment }))
    const rows: SplitRow[] = ['cat', 'dog'].flatMap((label) => [
      ...[0, 1, 2, 3].map((index) => ({ id: `train/${label}/${index}.jpg`, label, part: 'train' as const })),
      { id: `train/${label}/8.jpg`, label, part: 'validation' },
      { id: `train/${label}/9.jpg`, label, part: 'holdout' },
    ])
    const known = { set: 'train', source: 'unknown', width: 160, height: 160 } as const
    await writeSplit(at(paths.split), rows)
    await writeManifest(
      at(paths.manifest),
      rows.map(({ id, label }) => ({ ...known, id, label, sha256: sha256(id) })),
    )
    const squares = openSquareWriter(at(paths.images), SIZE)
    for (const [index, { id }] of rows.entries()) squares.add(sha256(id), drawn(index))
    await squares.finish()
  })

  it('writes the same bytes for any number of threads, says how many and leaves stderr empty', async () => {
    const outcomes = []
    for (const threads of ['1', '8']) {
      const { stdout, stderr } = await execa(process.execPath, stage, {
        cwd: folder.path,
        env: { UV_THREADPOOL_SIZE: threads },
      })
      expect(stdout).toMatch(/^augment: 16 train, 2 validation, 2 holdout, 0 test arrays of 64 px \(\d+\.\d s\)$/)
      expect(stderr).toBe('')
      const names = (await readdir(at(paths.augment))).sort()
      const files = await Promise.all(names.map((name) => readFile(join(at(paths.augment), name))))
      outcomes.push(names.map((name, place) => `${name} ${sha256(files[place] as Buffer)}`))
    }
    expect(outcomes[0]?.length).toBe(9)
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  it('fails with one line, and keeps what was there', async () => {
    const shard = join(paths.images, `${sha256('train/cat/0.jpg').slice(0, 2)}.npy`)
    await writeFile(at(shard), (await readFile(at(shard))).subarray(0, -1))
    const { stdout, stderr, exitCode } = await runHere(folder.path, 'pipeline/augment.ts')
    expect([stdout, exitCode]).toEqual(['', 1])
    expect(stderr).toMatch(
      new RegExp(
        `^augment: DataError: Expected ${shard} as its stage wrote it, received \\d+ bytes instead of \\d+\\. Run`,
      ),
    )
    expect((await readdir(at('artifacts'))).sort()).toEqual(['augment', 'fetch', 'split'])
  })
})

function drawn(seed: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, place) => (place * (seed + 3)) >> 6)
}
