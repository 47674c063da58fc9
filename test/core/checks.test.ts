import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkInputs, damagedFile, lockedOuts } from '../../src/core/checks.ts'
import { md5, objectPath } from '../../src/core/dvc-objects.ts'
import { paths } from '../../src/core/paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const COMMITTED = resolve('dvc.lock')
temporaryFolder({ enter: true })

const TABLE = 'artifacts/first/table.csv'
const MODEL = 'artifacts/first/model'
const CONTENT: Readonly<Record<string, string>> = {
  [TABLE]: 'id\n1\n',
  [`${MODEL}/a.json`]: '{}',
  [`${MODEL}/b.bin`]: 'weights',
}
/** By DVC itself: `dvc add artifacts/first/model`. */
const MODEL_HASH = '3f4eb26280f3d68855b97e37f4de96a2.dir'

beforeEach(async () => {
  await write('.dvc/config.local', '[cache]\n    dir = ../the cache\n')
  await write(
    'dvc.yaml',
    `stages:
  first:
    outs: [${TABLE}, ${MODEL}]
  second:
    foreach: [a]
    do:
      deps: # two tables
        - src/x
        - ${TABLE} # the first
        - ${MODEL}
`,
  )
  const table = md5(CONTENT[TABLE] ?? '')
  await write(
    'dvc.lock',
    `schema: '2.0'
stages:
  first:
    cmd: x
    outs:
    - path: ${TABLE}
      hash: md5
      md5: ${table}
      size: 5
    - path: ${MODEL}
      hash: md5
      md5: ${MODEL_HASH}
      size: 9
      nfiles: 2
`,
  )
  for (const [path, text] of Object.entries(CONTENT)) {
    await write(path, text)
    await write(objectPath('the cache', md5(text)), text)
  }
  await write(objectPath('the cache', MODEL_HASH), listOfModel())
})

describe('checkInputs', () => {
  it('lets what dvc.lock has pass, and says nothing where no DVC runs the stage', async () => {
    await check()
    await write(TABLE, 'id\n2\n')
    await checkInputs('second@a', {})
    await checkInputs('second@a', { DVC_STAGE: 'first' }) // a script that another stage runs
    await rm('dvc.lock')
    await check()
  })

  it('names a damaged table, its object that is intact, and a command that brings it back', async () => {
    await write(TABLE, 'id\n2\n')
    const object = objectPath('the cache', md5(CONTENT[TABLE] ?? ''))
    await expect(check()).rejects.toThrow(
      `Expected ${TABLE} as first wrote it, received different bytes. Its object in DVC's cache, ${object}, is intact. Restore it with \`rm -rf ${TABLE} && npm run repro -- first\`, then run this again.`,
    )
  })

  it('pulls where there is a remote', async () => {
    await write(TABLE, 'id\n2\n')
    await write('.dvc/config', '[core]\n    remote = shelf\n')
    await expect(check()).rejects.toThrow('&& npm run repro -- --pull first`')
    await rm('.dvc/config')
  })

  it('names the damaged file of a folder, and removes its damaged object too', async () => {
    const object = objectPath('the cache', md5('weights'))
    await write(object, 'wEights')
    await write(`${MODEL}/b.bin`, 'wEights')
    const { message } = (await check().catch((error: unknown) => error)) as Error
    expect(message).toContain(`Expected ${MODEL}/b.bin as first wrote it`)
    expect(message).toContain(`, ${object}, is damaged too.`)
    const command = /`(rm .*?) && npm/.exec(message)?.[1] ?? ''
    await execa('sh', ['-c', command])
    await expect(readFile(object)).rejects.toThrow('ENOENT')
    await expect(readFile(`${MODEL}/b.bin`)).rejects.toThrow('ENOENT')
    expect(await readFile(objectPath('the cache', md5('{}')), 'utf8')).toBe('{}')
  })

  it('names the list of a folder where that is damaged, and notices a file that is too much', async () => {
    await write(`${MODEL}/c.bin`, '')
    await expect(check()).rejects.toThrow(`Expected ${MODEL} as first wrote it`)
    const list = objectPath('the cache', MODEL_HASH)
    await write(list, listOfModel().replace('a.json', 'A.json'))
    await expect(check()).rejects.toThrow(`${list}, is damaged too. Restore it with \`rm -rf '${list}' ${MODEL} &&`)
  })

  it.each([
    ['a file of an output', `${MODEL}/a.json`],
    ['the folder that outputs lie in', 'artifacts/first'],
  ])('compares %s on which the stage depends', async (_what, dependency) => {
    await write('dvc.yaml', `stages:\n  second:\n    foreach: [a]\n    do:\n      deps:\n        - ${dependency}\n`)
    await check()
    await write(`${MODEL}/a.json`, '{ }')
    await expect(check()).rejects.toThrow(`Expected ${MODEL}/a.json as first wrote it`)
  })

  it('leaves arrays to the CRC of each row, and the .gitignore that DVC writes beside outputs alone', async () => {
    await write(`${MODEL}/.gitignore`, '/a.json\n')
    const [yaml, lock] = [await readFile('dvc.yaml', 'utf8'), await readFile('dvc.lock', 'utf8')]
    for (const [path, file] of [
      ['artifacts/first/array.npy', 'artifacts/first/array.npy'],
      [paths.images, `${paths.images}/0.bin`],
    ] as const) {
      await write(file, 'damaged')
      await write('dvc.yaml', yaml.replace('- src/x', `- ${path}`))
      await write('dvc.lock', `${lock}    - path: ${path}\n      md5: ${'0'.repeat(32)}\n`)
      await check()
    }
  })

  it('says that the object is missing where the cache has none', async () => {
    await write(TABLE, 'id\n2\n')
    const object = objectPath('the cache', md5(CONTENT[TABLE] ?? ''))
    await rm(object)
    await expect(check()).rejects.toThrow(`${object}, is missing. Restore it with \`rm -rf ${TABLE} &&`)
  })

  async function check(): Promise<void> {
    await checkInputs('second@a', { DVC_STAGE: 'second@a' })
  }
})

describe('lockedOuts', () => {
  it('finds in the committed dvc.lock what a parser of YAML finds', async () => {
    const text = await readFile(COMMITTED, 'utf8')
    const { stages } = parse(text) as { stages: Record<string, { outs?: { path: string; md5: string }[] }> }
    const parsed = Object.entries(stages).flatMap(([stage, { outs = [] }]) =>
      outs.map(({ path, md5 }) => ({ stage, path, md5 })),
    )
    expect(parsed.length).toBeGreaterThan(10)
    expect(lockedOuts(text)).toEqual(parsed)
  })
})

describe('damagedFile', () => {
  it('names the object of a file in a folder', async () => {
    expect((await damagedFile(`${MODEL}/b.bin`, 'another row')).message).toContain(
      `Expected ${MODEL}/b.bin as first wrote it, received another row. Its object in DVC's cache, ${objectPath('the cache', md5('weights'))}, is intact.`,
    )
  })

  it('names a file of which dvc.lock knows nothing without a command', async () => {
    expect((await damagedFile('elsewhere.npy', '3 bytes')).message).toBe(
      'Expected elsewhere.npy as its stage wrote it, received 3 bytes. Run that stage again.',
    )
  })
})

function listOfModel(): string {
  const files = ['a.json', 'b.bin'].map(
    (name) => `{"md5": "${md5(CONTENT[`${MODEL}/${name}`] ?? '')}", "relpath": "${name}"}`,
  )
  return `[${files.join(', ')}]`
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
