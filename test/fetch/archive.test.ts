import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { create } from 'tar'
import { beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { type ArchiveLimits, extractArchive, limitsFor } from '../../src/fetch/archive.ts'
import { makeTar, makeZip } from '../support/archives.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const base = temporaryFolder()
let folder: string
beforeEach(() => {
  folder = join(base.path, 'unpacked/here')
})

async function extract(bytes: Uint8Array, limits?: ArchiveLimits): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await writeFile(join(base.path, 'archive'), bytes)
  await extractArchive(join(base.path, 'archive'), folder, limits && { limits })
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()
}

const MEMBERS = [
  { name: 'train/cat/a b.png', content: 'a' },
  { name: './train/cat/naïve.png', content: 'b'.repeat(100_000) },
  { name: 'test//cat_1.png', content: '' },
]

describe.each([
  ['zip', (members: Parameters<typeof makeZip>[0]) => makeZip(members)],
  ['tar', (members: Parameters<typeof makeZip>[0]) => makeTar(members)],
  ['tar.gz', (members: Parameters<typeof makeZip>[0]) => gzipSync(makeTar(members))],
])('extractArchive of a %s', (format, pack) => {
  it('writes its files byte for byte', async () => {
    await extract(pack(MEMBERS))
    expect(await filesBelow(folder)).toEqual(['test/cat_1.png', 'train/cat/a b.png', 'train/cat/naïve.png'])
    expect(await readFile(join(folder, 'train/cat/naïve.png'), 'utf8')).toBe('b'.repeat(100_000))
    expect((await stat(join(folder, 'test/cat_1.png'))).size).toBe(0)
  })

  it('leaves out the shadow folder of a Mac', async () => {
    await extract(
      pack([
        { name: 'train/cat/a.png', content: 'a' },
        { name: '__MACOSX/train/cat/._a.png', content: 'x' },
      ]),
    )
    expect(await filesBelow(folder)).toEqual(['train/cat/a.png'])
  })

  it.each([
    '../evil.png',
    'train/../../evil.png',
    '/tmp/paddock-evil.png',
    'C:/evil.png',
    'train\\..\\evil.png',
    'a\u0007.png',
  ])('refuses the path %j', async (name) => {
    await expect(extract(pack([{ name, content: 'x' }]))).rejects.toThrow(DataError)
    expect(await filesBelow(join(base.path, 'unpacked'))).toEqual([])
    await expect(stat('/tmp/paddock-evil.png')).rejects.toThrow('ENOENT')
  })

  it('refuses two files of one name, and a file in the place of a folder', async () => {
    const twice = [
      { name: 'a.png', content: '1' },
      { name: './a.png', content: '2' },
    ]
    await expect(extract(pack(twice))).rejects.toThrow(
      /^Expected a whole zip or tar archive, received: something that is there already at /,
    )
    await expect(extract(pack([{ name: 'b' }, { name: 'b/c.png' }]))).rejects.toThrow(DataError)
  })

  it('refuses sizes over the limits', async () => {
    const members = [1, 2, 3].map((number) => ({ name: `${number}.png`, content: 'x'.repeat(1000) }))
    const limits = { members: 3, memberBytes: 1000, totalBytes: 3000 }
    await expect(extract(pack(members), { ...limits, members: 2 })).rejects.toThrow('more than 2 members: "3.png"')
    await expect(extract(pack(members), { ...limits, memberBytes: 999 })).rejects.toThrow('1000 bytes, more than 999')
    await expect(extract(pack(members), { ...limits, totalBytes: 2999 })).rejects.toThrow(
      'more than 2999 bytes in total',
    )
    await extract(pack(members), limits)
    expect(await filesBelow(folder)).toEqual(['1.png', '2.png', '3.png'])
  })

  it('refuses an archive that is cut off', async () => {
    const whole = pack([{ name: 'a.png', content: Array.from({ length: 5000 }, (_, n) => `${n * n} `).join('') }])
    const message = new RegExp(`^Expected a${format === 'zip' ? '' : ' whole'} .*archive, received`)
    await expect(extract(whole.subarray(0, whole.length / 2))).rejects.toThrow(DataError)
    await expect(extract(whole.subarray(0, whole.length / 2))).rejects.toThrow(message)
  })
})

describe('extractArchive', () => {
  it('refuses a link in a zip', async () => {
    const link = { name: 'train/cat/a.png', content: '/etc/passwd', mode: 0o120777 }
    await expect(extract(makeZip([link]))).rejects.toThrow(
      'Expected an archive of plain files and folders, received a link: "train/cat/a.png". Make the archive again without it.',
    )
  })

  it.each(['SymbolicLink', 'Link', 'CharacterDevice', 'FIFO'] as const)('refuses a %s in a tar', async (type) => {
    const member = { name: 'train/cat/a.png', type, linkpath: type.endsWith('Link') ? '/etc/passwd' : '' }
    await expect(extract(makeTar([member]))).rejects.toThrow(/received a (link|special file): "train\/cat\/a\.png"/)
  })

  it('refuses a zip whose members are larger than they say', async () => {
    const liar = { name: 'a.png', content: Buffer.alloc(10_000_000), declaredBytes: 10 }
    await expect(extract(makeZip([liar]))).rejects.toThrow(DataError)
    expect(await filesBelow(folder)).toEqual([])
  })

  it('refuses a tar.gz bomb by its headers, before unpacking it', async () => {
    const bomb = gzipSync(makeTar([{ name: 'a.png', content: Buffer.alloc(1000), declaredBytes: 2 ** 40 }]))
    await expect(extract(bomb)).rejects.toThrow('1099511627776 bytes, more than 268435456')
  })

  it('refuses another format', async () => {
    for (const content of [Buffer.from('Rar!\x1a\x07\x00'), Buffer.alloc(0)]) {
      await expect(extract(content)).rejects.toThrow('received: another format than zip, tar or tar.gz. Make')
    }
  })

  it('refuses a zip with a member whose bits have changed, which inflates to the right size', async () => {
    const stored = Buffer.from(zipSync({ 'cat/a.png': strToU8('image') }, { level: 0 }))
    stored[stored.indexOf('image')] = 'P'.charCodeAt(0)
    await expect(extract(stored)).rejects.toThrow('a wrong checksum: "cat/a.png"')
  })

  it('takes out of an archive only what is given a place, and puts it there', async () => {
    const zip = makeZip(['raw/gatto/a.png', 'raw/ragno/b.png', 'notes.txt'].map((name) => ({ name, content: 'x' })))
    await writeFile(join(base.path, 'archive'), zip)
    const placeOf = ([, label, file]: readonly string[]) => (label === 'gatto' ? ['cat', file ?? ''] : undefined)
    await extractArchive(join(base.path, 'archive'), folder, { placeOf })
    expect(await filesBelow(folder)).toEqual(['cat/a.png'])
  })

  it('unpacks what tar itself packed, long names included', async () => {
    const name = `train/cat/${'long'.repeat(50)}.png`
    await writeTo(join(base.path, 'packed', name), 'x')
    await create({ cwd: join(base.path, 'packed'), file: join(base.path, 'archive'), gzip: true }, ['train'])
    await extractArchive(join(base.path, 'archive'), folder)
    expect(await filesBelow(folder)).toEqual([name])
  })
})

describe('limitsFor', () => {
  it('lets a hundred times the archive out, and a gibibyte in any case', () => {
    expect(limitsFor(0).totalBytes).toBe(1_073_741_824)
    expect(limitsFor(1_000_000_000).totalBytes).toBe(101_073_741_824)
  })
})
