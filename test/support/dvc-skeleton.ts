import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { isMap, parse, parseDocument, stringify } from 'yaml'
import { hashFolder } from '../../src/fetch/folder-hash.ts'

/** DVC's status of a state: an entry for each stage that is not up to date, or an error. */
export interface DvcAnswer {
  readonly status?: Readonly<Record<string, readonly (string | Readonly<Record<string, unknown>>)[]>>
  readonly error?: string
}

/** This checkout's pipeline with tiny files for data and little code, and a DVC that reports its status. */
export interface Skeleton {
  readonly root: string
  /** All files that a state may change. */
  readonly files: readonly string[]
  ask(request: 'status' | 'commit'): Promise<DvcAnswer>
  close(): Promise<void>
}

/** Files that are copied of each folder of code: the fewer, the sooner DVC answers. */
const CODE_FILES = 2

const RESULTS = ['README.md', 'metrics/original-zero.json', 'predictions.csv', 'plots/original-zero.svg'].map(
  (name) => `results/${name}`,
)

/** Makes the skeleton, and lets DVC write its dvc.lock: all stages are up to date. */
export async function openSkeleton(): Promise<Skeleton> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-skeleton-'))
  for (const path of [
    '.dvc/config',
    '.dvc/.gitignore',
    '.dvcignore',
    '.gitignore',
    'params.yaml',
    'package.json',
    'test-set.csv',
    'exclude.csv',
    'records/evaluated.csv',
    'dvc.yaml',
    'pipeline',
    'results',
  ]) {
    await cp(path, join(root, path), { recursive: true })
  }
  const code = await codeFiles()
  for (const path of code) await cp(path, join(root, path))
  await makeData(root)
  await execa('git', ['init', '--quiet'], { cwd: root })
  const { md5, size, nfiles } = await hashFolder(join(root, 'data'))
  await writeFile(join(root, 'data.dvc'), stringify({ outs: [{ md5, size, nfiles, hash: 'md5', path: 'data' }] }))
  const python = openPython(root)
  const { error } = await python.ask('commit')
  if (error) throw new Error(error)
  return {
    root,
    files: ['dvc.yaml', 'dvc.lock', 'params.yaml', 'package.json', 'data.dvc', ...code, ...RESULTS],
    ask: python.ask,
    close: async () => {
      await python.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A few files of each folder of code that a stage depends on, and all that are named one by one. */
async function codeFiles(): Promise<string[]> {
  const { stages } = parse(await readFile('dvc.yaml', 'utf8')) as { stages: Record<string, Stage> }
  const paths = Object.values(stages).flatMap((stage) => stage.deps ?? stage.do?.deps ?? [])
  const named = paths.filter((path) => path.startsWith('src/') && !path.includes('${'))
  const files = named.map(async (path) => {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const below = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    return below.sort().slice(0, CODE_FILES)
  })
  const architectures = ['src/models/original.ts', 'src/models/mobilenet.ts', 'src/tensorflow/native/runtime.json']
  return [...new Set([...architectures, ...(await Promise.all(files)).flat()])]
}

interface Stage {
  readonly deps?: readonly string[]
  readonly do?: Stage
}

async function makeData(root: string): Promise<void> {
  const params = parseDocument(await readFile(join(root, 'params.yaml'), 'utf8'))
  const models = params.get('models')
  const names = isMap(models) ? models.items.map(({ key }) => String(key)) : []
  const parts = ['train', 'validation', 'holdout', 'test'].flatMap((part) => [`${part}.csv`, `${part}.npy`])
  const files = [
    'data/train/cat/1.png',
    'artifacts/fetch/manifest.csv',
    'artifacts/fetch/rejected.csv',
    'artifacts/fetch/pairs.csv',
    'artifacts/fetch/images.csv',
    'artifacts/fetch/images/1.png',
    'artifacts/augment/contact-sheet.png',
    'artifacts/split/split.csv',
    'artifacts/report/index.html',
    'records/trainings.jsonl',
    ...parts.map((name) => `artifacts/augment/${name}`),
    ...names.flatMap((name) =>
      ['model/model.json', 'history.csv', 'notes.txt', 'validation.json', 'scores.json'].map(
        (file) => `artifacts/train/${name}/${file}`,
      ),
    ),
    ...names.flatMap((name) => [`artifacts/evaluate/${name}/metrics.json`]),
  ]
  for (const path of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), path)
  }
}

function openPython(root: string) {
  const python = spawn(resolve('.venv/bin/python'), [resolve('test/support/dvc_status.py')], {
    cwd: root,
    env: { ...process.env, DVC_NO_ANALYTICS: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  return {
    ask: async (request: string): Promise<DvcAnswer> => {
      python.stdin.write(`${request}\n`)
      const { value } = await lines.next()
      return JSON.parse(String(value)) as DvcAnswer
    },
    close: async () => {
      const ended = new Promise((fulfil) => python.once('exit', fulfil))
      python.stdin.end()
      await ended
    },
  }
}
