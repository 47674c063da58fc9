import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { writeEvaluated } from '../../src/dataset/evaluated.ts'
import { type ManifestRow, writeManifest } from '../../src/dataset/manifest.ts'
import { writePairs } from '../../src/dataset/pairs.ts'
import { runHere } from '../support/run-here.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('pipeline/split.ts', () => {
  const folder = temporaryFolder({ per: 'file' })
  beforeAll(async () => {
    const sample = parse(await readFile('profiles/sample.yaml', 'utf8'))
    const split = { train: 0.8, validation: 0.1, holdout: 0.1 }
    await writeFile(join(folder.path, paths.params), stringify({ ...sample, split }))
    await writeFile(join(folder.path, paths.exclude), 'id,reason\n')
    await writePairs(join(folder.path, paths.pairs), [])
  })

  it('writes the part of every image and says how many there are', async () => {
    const rows = ['cat', 'dog'].flatMap((label) => [...images('train', label, 20), ...images('test', label, 2)])
    await writeManifest(join(folder.path, paths.manifest), rows)
    const { stdout, stderr } = await execa(process.execPath, [resolve('pipeline/split.ts')], { cwd: folder.path })
    expect(stdout).toMatch(/^split: 32 train, 4 validation, 4 holdout, 4 test images of 2 classes \(\d+\.\d s\)$/)
    expect(stderr).toBe('')
    const lines = (await readFile(join(folder.path, paths.split), 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe('id,label,part')
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(rows.map((row) => row.id).sort())
  })

  it('stops at a photograph in training and test, and goes on when one of the two is excluded', async () => {
    await writeManifest(join(folder.path, paths.manifest), [
      ...['cat', 'dog'].flatMap((label) => images('train', label, 20)),
      ...images('test', 'cat', 2),
    ])
    const near = { kind: 'near', distance: 0.03, certainty: 'certain' } as const
    await writePairs(join(folder.path, paths.pairs), [
      { id: 'test/cat/1.png', other: 'train/cat/7.png', ...near },
      { id: 'train/dog/3.png', other: 'train/dog/4.png', ...near },
    ])
    const leaking = await runHere(folder.path, 'pipeline/split.ts')
    expect([leaking.stdout, leaking.exitCode]).toEqual(['', 1])
    expect(leaking.stderr).toMatch(
      /^split: DataError: Expected each photograph once, .* or add it to exclude\.csv \(id,reason\)\.\n {2}test\/cat\/1\.png: nearly the same as train\/cat\/7\.png \(distance 0\.030\)$/,
    )
    await writeFile(join(folder.path, paths.exclude), 'id,reason\ntrain/cat/7.png,in the test set\n')
    const { stdout } = await runHere(folder.path, 'pipeline/split.ts')
    // 19 cats are cut at 15.2 and 17.1, 20 dogs at 16 and 18; the group of two dogs fell to holdout
    expect(stdout).toMatch(
      /^split: 31 train, 4 validation, 4 holdout, 2 test images of 2 classes; 1 excluded; 2 duplicates kept together \(artifacts\/split\/groups\.csv\) /,
    )
    const read = async (path: string) => (await readFile(join(folder.path, path), 'utf8')).trimEnd().split('\n')
    const parts = new Map(
      (await read(paths.split))
        .map((line) => line.split(',') as [string, string, string])
        .map(([id, , part]) => [id, part]),
    )
    expect(parts.has('train/cat/7.png')).toBe(false)
    const part = parts.get('train/dog/3.png')
    expect(await read(paths.groups)).toEqual([
      'group,id,label,part,nearest,kind,distance',
      `1,train/dog/3.png,dog,${part},train/dog/4.png,near,0.03`,
      `1,train/dog/4.png,dog,${part},train/dog/3.png,near,0.03`,
    ])
    expect(await read(paths.excluded)).toEqual(['id,label,set,reason', 'train/cat/7.png,cat,train,in the test set'])
    await writeFile(join(folder.path, paths.exclude), 'id,reason\n')
    await writePairs(join(folder.path, paths.pairs), [])
  })

  it('keeps what was evaluated before out of training, and warns of likely pairs and of uneven parts', async () => {
    const cats = images('train', 'cat', 20)
    await writeManifest(join(folder.path, paths.manifest), [
      ...[...cats, ...images('train', 'dog', 20)],
      ...images('test', 'cat', 2),
    ])
    const old = cats.slice(0, 8)
    await writeEvaluated(
      new Map(old.map(({ sha256 }) => [sha256, 'validation'] as const)),
      join(folder.path, paths.evaluated),
    )
    await writePairs(join(folder.path, paths.pairs), [
      { id: 'test/cat/1.png', other: 'train/cat/9.png', kind: 'near', distance: 0.12, certainty: 'likely' },
    ])
    const { stderr, exitCode } = await runHere(folder.path, 'pipeline/split.ts')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      /^split: warning: 1 pairs of images in both train\/ and test\/, .*\n {2}test\/cat\/1\.png: .*\nsplit: warning: cat has \d+ train, 8 validation, \d+ holdout images, far from 80 : 10 : 10: /,
    )
    const split = await readFile(join(folder.path, paths.split), 'utf8')
    for (const { id } of old) expect(split).toContain(`${id},cat,validation\n`)
    await rm(join(folder.path, paths.evaluated))
    await writePairs(join(folder.path, paths.pairs), [])
  })

  it('fails with one line', async () => {
    await writeManifest(join(folder.path, paths.manifest), images('train', 'cat', 20))
    const { stdout, stderr, exitCode } = await runHere(folder.path, 'pipeline/split.ts')
    expect([stdout, exitCode]).toEqual(['', 1])
    expect(stderr).toBe(
      'split: DataError: Expected images of two labels or more in data/train, received cat. Add one folder for each label.',
    )
  })
})

function images(set: ManifestRow['set'], label: string, count: number): ManifestRow[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${set}/${label}/${index}.png`
    return { id, label, set, source: 'unknown', sha256: sha256(id), width: 8, height: 8 }
  })
}
