import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { GIT_USER } from './support/clone.ts'

const page = await readFile('docs/template.md', 'utf8')
const PADDOCK = [
  'README.md',
  'params.yaml',
  'data.dvc',
  'dvc.lock',
  'profiles/folder.yaml',
  '.gitattributes',
  'src/core/script.ts',
]
const RECORDS = 'records/trainings.jsonl'

let base: string
const at = (...path: string[]) => join(base, ...path)
const text = (...path: string[]) => readFile(at(...path), 'utf8')
const git = (folder: string, ...args: string[]) => execa('git', [...GIT_USER, ...args], { cwd: at(folder) })

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'paddock-template-'))
  for (const path of ['upstream/records', 'upstream/results', 'upstream/profiles', 'upstream/src/core']) {
    await mkdir(at(path), { recursive: true })
  }
  for (const path of PADDOCK) await writeFile(at('upstream', path), await readFile(path))
  for (const path of ['test-set.csv', 'exclude.csv', 'records/evaluated.csv'])
    await writeFile(at('upstream', path), 'paddock\n')
  await writeFile(at('upstream', RECORDS), 'a training of paddock\n')
  await writeFile(at('upstream/results/README.md'), 'results of paddock\n')
  await git('upstream', 'init', '--quiet', '--initial-branch', 'main')
  await commitAll('upstream', 'paddock')
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', at('origin')])
})
afterAll(() => rm(base, { recursive: true }))

async function commitAll(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', message)
}

/** The block of code on the page that has some words. */
function blockWith(words: string): string {
  const found = [...page.matchAll(/^```\n(.*?)^```$/gms)]
    .map(([, block = '']) => block)
    .filter((block) => block.includes(words))
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

/** Types a block into a shell; npm is one that does nothing. */
async function type(block: string, folder: string): Promise<void> {
  const script = block.replace('PADDOCK', at('upstream')).replace('ADDRESS', at('origin'))
  const [GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL] = ['test', 'test@example.invalid']
  const env = {
    GIT_AUTHOR_NAME,
    GIT_AUTHOR_EMAIL,
    GIT_COMMITTER_NAME: GIT_AUTHOR_NAME,
    GIT_COMMITTER_EMAIL: GIT_AUTHOR_EMAIL,
  }
  await execa('bash', ['-e', '-c', `npm() { :; }\n${script}`], { cwd: at(folder), env })
}

it('starts a repository and later takes the code of a new version, and nothing else', async () => {
  const own = 'my-classifier'
  await type(blockWith('git clone'), '.')
  const setup = `import('${resolve('commands/setup/merge-drivers.mjs')}').then((it) => it.makeMergeDrivers('.'))`
  await execa('node', ['--eval', setup], { cwd: at(own) })
  await writeFile(at(own, 'params.yaml'), (await text('upstream/params.yaml')).replace('seed: 1', 'seed: 7'))
  await writeFile(at(own, 'dvc.lock'), 'own\n')
  await writeFile(at(own, 'results/README.md'), 'own\n')
  await type(blockWith('Start from paddock'), own)
  await type(blockWith('git remote add'), own)
  expect((await git(own, 'rev-parse', 'origin/main')).stdout).toBe((await git(own, 'rev-parse', 'HEAD')).stdout)
  expect(await text(own, RECORDS)).toBe('')

  await writeFile(at('upstream/src/core/script.ts'), '// later\n')
  await writeFile(at('upstream/params.yaml'), (await text('upstream/params.yaml')).replace('seed: 1', 'seed: 2'))
  await writeFile(at('upstream/profiles/folder.yaml'), `${await text('upstream/profiles/folder.yaml')}new: 1\n`)
  for (const path of ['README.md', 'dvc.lock', RECORDS, 'results/README.md', 'results/new.md', 'test-set.csv']) {
    await writeFile(at('upstream', path), `later ${path}\n`)
  }
  await commitAll('upstream', 'later')

  const before = (await git(own, 'rev-parse', 'HEAD')).stdout
  await type(blockWith('git fetch'), own)
  expect((await git(own, 'status', '--porcelain')).stdout).toBe('')
  expect((await git(own, 'diff', '--name-only', before, 'HEAD')).stdout.split('\n')).toEqual([
    'profiles/folder.yaml',
    'src/core/script.ts',
  ])
  expect((await git(own, 'merge-base', 'HEAD', 'upstream/main')).stdout).toBe(
    (await git('upstream', 'rev-parse', 'main')).stdout,
  )
  expect(await text(own, 'params.yaml')).toContain('seed: 7')
  await writeFile(at(own, 'results/README.md'), 'trained again\n')
  await type(blockWith('git diff'), own)
  expect((await git(own, 'status', '--porcelain')).stdout).toBe('')
})
