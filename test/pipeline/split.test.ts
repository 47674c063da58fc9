import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { type ManifestRow, writeManifest } from '../../src/dataset/manifest.ts'

const stage = ['--import', createRequire(import.meta.url).resolve('tsx'), resolve('pipeline/split.ts')]

describe('pipeline/split.ts', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-split-stage-'))
    const sample = parse(await readFile('profiles/sample.yaml', 'utf8'))
    const split = { train: 0.8, validation: 0.1, holdout: 0.1 }
    await writeFile(join(folder, paths.params), stringify({ ...sample, split }))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('writes the part of every picture and says how many there are', async () => {
    const rows = ['cat', 'dog'].flatMap((label) => [...pictures('train', label, 20), ...pictures('test', label, 2)])
    await writeManifest(join(folder, paths.manifest), rows)
    const { stdout, stderr } = await execa(process.execPath, stage, { cwd: folder })
    expect(stdout).toMatch(/^split: 32 train, 4 validation, 4 holdout, 4 test images of 2 classes \(\d+\.\d s\)$/)
    expect(stderr).toBe('')
    const lines = (await readFile(join(folder, paths.split), 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe('id,label,part')
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(rows.map((row) => row.id).sort())
  })

  it('fails with one line', async () => {
    await writeManifest(join(folder, paths.manifest), pictures('train', 'cat', 20))
    const { stdout, stderr, exitCode } = await execa(process.execPath, stage, { cwd: folder, reject: false })
    expect([stdout, exitCode]).toEqual(['', 1])
    expect(stderr).toBe(
      'split: DataError: Expected pictures of two labels or more in data/train, received cat. Add a folder a label.',
    )
  })
})

function pictures(set: ManifestRow['set'], label: string, count: number): ManifestRow[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${set}/${label}/${index}.png`
    return { id, label, set, source: 'unknown', sha256: sha256(id), width: 8, height: 8 }
  })
}
