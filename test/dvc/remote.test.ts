import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkRemoteUrl } from '../../src/dvc/remote.ts'
import { makeProject, type Project } from '../support/storage-project.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let project: Project
const shelf = temporaryFolder({ per: 'file' })

beforeAll(async () => {
  project = await makeProject()
})
afterAll(async () => {
  await project.remove()
})

describe('checkRemoteUrl', () => {
  it.each(['s3://bucket/path', 'gs://bucket', 'https://host/path', '/path', './path', '../path', '..'])(
    'accepts %s',
    (url) => {
      expect(checkRemoteUrl(url, undefined)).toBe(url)
    },
  )

  it.each(['nosuch', 'bucket/path', 's3:/bucket', 's3//bucket', '.hidden', '~/shelf', '', 's3://'])(
    'refuses %j',
    (url) => {
      expect(() => checkRemoteUrl(url, undefined)).toThrow(/^Expected /)
    },
  )
})

describe('remote', () => {
  it('refuses a folder that does not exist, creates none, and leaves .dvc/config alone', async () => {
    const before = await project.read('.dvc/config')
    const missing = join(shelf.path, 'nosuch')
    for (const [word, message] of [
      ['nosuch', 'received "nosuch". Write it in full.'],
      ['./nosuch', 'Expected an existing folder, received ./nosuch. Create it, or name another.'],
      [missing, `Expected an existing folder, received ${missing}.`],
    ] as const) {
      const { exitCode, output } = await project.remote(word)
      expect([exitCode, output]).toEqual([1, expect.stringContaining(message)])
      expect(output.split('\n')).toHaveLength(1)
    }
    expect(await readdir(shelf.path)).toEqual([])
    expect(await readdir(project.root)).not.toContain('nosuch')
    expect(await project.read('.dvc/config')).toBe(before)
  })

  it('refuses to check another remote than the one that is set', async () => {
    const { exitCode, output } = await project.remote(shelf.path, '--check')
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining(
        `Expected nothing else beside --check, which is about the remote in .dvc/config, received ${shelf.path}. `,
      ),
    ])
  })

  it('sets a first remote that does not work yet, so that its keys can be set', async () => {
    const { exitCode, output } = await project.remote('http://127.0.0.1:1/x')
    expect([exitCode, output]).toEqual([
      1,
      expect.stringMatching(
        /\.dvc\/config now names http:\/\/127\.0\.0\.1:1\/x, but it does not work yet: DVC reads from such an address, but cannot write there\. Correct/,
      ),
    ])
    expect(await project.read('.dvc/config')).toContain('url = http://127.0.0.1:1/x')
  })

  it('keeps the old remote when the new one fails, and says why', async () => {
    await mkdir(join(shelf.path, 'mine'))
    const url = join(shelf.path, 'mine')
    expect(await project.remote(url)).toMatchObject({ exitCode: 0 })
    const before = await project.read('.dvc/config')
    for (const [wrong, reason] of [
      ['http://127.0.0.1:1/x', 'DVC reads from such an address, but cannot write there'],
      ['foo://bar', 'Unsupported URL type foo://'],
    ] as const) {
      const { exitCode, output } = await project.remote(wrong)
      expect([exitCode, output]).toEqual([
        1,
        expect.stringContaining(`${wrong} does not work, so .dvc/config still names ${url}: `),
      ])
      expect(output).toContain(reason)
      expect(await project.read('.dvc/config')).toBe(before)
    }
  })

  it('reports an empty remote as empty, and a deleted folder as missing', async () => {
    expect(await project.remote('--check')).toEqual({
      exitCode: 0,
      output: expect.stringContaining('remote: the remote is empty; `npm run dvc -- push --run-cache` fills it'),
    })
    await rm(join(shelf.path, 'mine'), { recursive: true })
    expect(await project.remote('--check')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/The remote cannot be read: .*mine does not exist\. Run/),
    })
  })
})
