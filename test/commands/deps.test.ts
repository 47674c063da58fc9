import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTo } from '../support/images.ts'

const SCRIPT = resolve('commands/deps.ts')
const PIPELINE = 'stages:\n  split:\n    cmd: pipeline/node pipeline/split.ts\n    deps:\n      - artifacts/list.csv\n'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-deps-'))
  await write('dvc.yaml', PIPELINE)
  await write('package-lock.json', '{"packages": {"node_modules/zx": {"version": "8.0.0"}}}')
  await write('pipeline/split.ts', `import 'zx'\n`)
})
afterAll(() => rm(folder, { recursive: true }))

const write = (path: string, text: string) => writeTo(join(folder, path), text)
const read = (path: string) => readFile(join(folder, path), 'utf8')
const deps = (...args: string[]) => execa('node', [SCRIPT, ...args], { cwd: folder, reject: false, all: true })

/** One checkout goes through these, one after the other. */
describe('deps', () => {
  it('fails with --check, names the stage and the files, and writes nothing', async () => {
    const { exitCode, all } = await deps('--check')
    expect(exitCode).toBe(1)
    expect(all).toMatch(/^deps: DataError: Expected the code of every stage .* Run `npm run deps`\.$/m)
    expect(all).toMatch(/^split: pipeline\/split\.ts is missing, zx none -> 8\.0\.0$/m)
    expect(await read('dvc.yaml')).toBe(PIPELINE)
  })

  it('writes them and says for which stage; then --check passes', async () => {
    expect((await deps()).all).toMatch(/^deps: split written/)
    expect(await read('dvc.yaml')).toContain(
      '- artifacts/list.csv\n      # code, by `npm run deps`\n      - pipeline/split.ts\n',
    )
    expect(await read('packages.json')).toContain('"zx": "8.0.0"')
    expect(await deps('--check')).toMatchObject({ exitCode: 0, all: expect.stringContaining('deps: up to date') })
  })

  it('is stale again when the code imports another file', async () => {
    await write('pipeline/split.ts', `import 'zx'\nimport '../src/draw.ts'\n`)
    await write('src/draw.ts', '')
    const { exitCode, all } = await deps('--check')
    expect({ exitCode, line: all?.split('\n').at(-1) }).toEqual({ exitCode: 1, line: 'split: src/draw.ts is missing' })
  })

  it('names an import that leads nowhere', async () => {
    await rm(join(folder, 'src/draw.ts'))
    const { exitCode, all } = await deps()
    expect(exitCode).toBe(1)
    expect(all).toMatch(
      /^deps: DataError: Expected a program at src\/draw\.ts, received: .* Mend the import that names it\.$/,
    )
  })

  it('says how it is called', async () => {
    expect(await deps('--help')).toMatchObject({ exitCode: 0, all: expect.stringMatching(/^usage: npm run deps/) })
  })
})
