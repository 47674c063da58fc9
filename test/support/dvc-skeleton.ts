import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { isMap, isScalar, isSeq, parseDocument, stringify, type YAMLSeq } from 'yaml'
import { hashFolder } from '../../src/fetch/folder-hash.ts'

/** What DVC says of a state: an entry a stage that is not up to date, or an error. */
export interface DvcAnswer {
  readonly status?: Readonly<Record<string, readonly (string | Readonly<Record<string, unknown>>)[]>>
  readonly error?: string
}

/** This checkout's pipeline with tiny files for data and little code, and a DVC that answers about it. */
export interface Skeleton {
  readonly root: string
  /** All files that a state may change. */
  readonly files: readonly string[]
  ask(request: 'status' | 'commit'): Promise<DvcAnswer>
  close(): Promise<void>
}

/** Code that a stage keeps of its list: the fewer, the sooner DVC answers. */
const CODE_FILES = 1
const CODE = /^(src|native)\//

/** Makes the skeleton, and lets DVC write its dvc.lock: all stages are up to date. */
export async function openSkeleton(): Promise<Skeleton> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-skeleton-'))
  for (const path of [
    '.dvc/config',
    '.dvc/.gitignore',
    '.dvcignore',
    '.gitignore',
    'params.yaml',
    'packages.json',
    'test-set.csv',
    'exclude.csv',
    'native',
    'pipeline',
    'results',
  ]) {
    await cp(path, join(root, path), { recursive: true })
  }
  const { text, code } = withLittleCode(await readFile('dvc.yaml', 'utf8'))
  await writeFile(join(root, 'dvc.yaml'), text)
  for (const path of code) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await cp(path, join(root, path))
  }
  await makeData(root)
  await execa('git', ['init', '--quiet'], { cwd: root })
  const { md5, size, nfiles } = await hashFolder(join(root, 'data'))
  await writeFile(join(root, 'data.dvc'), stringify({ outs: [{ md5, size, nfiles, hash: 'md5', path: 'data' }] }))
  const python = openPython(root)
  const { error } = await python.ask('commit')
  if (error) throw new Error(error)
  return {
    root,
    files: ['dvc.yaml', 'dvc.lock', 'params.yaml', 'packages.json', 'data.dvc', ...code, 'results/README.md'],
    ask: python.ask,
    close: async () => {
      await python.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** dvc.yaml with a few files of code for each stage, that of the configuration among them, and their paths. */
function withLittleCode(pipeline: string): { text: string; code: string[] } {
  const document = parseDocument(pipeline)
  const stages = document.get('stages')
  if (!isMap(stages)) throw new Error('no stages')
  const code = new Set<string>(['src/models/original.ts', 'src/models/mobilenet.ts'])
  for (const { value } of stages.items) {
    const loop = isMap(value) ? value.get('do') : undefined
    const deps = (isMap(loop) ? loop : isMap(value) ? value : undefined)?.get('deps')
    if (!isSeq(deps)) throw new Error('no deps')
    const list = deps as YAMLSeq
    let kept = 0
    list.items = list.items.filter((node) => {
      const path = isScalar(node) ? String(node.value) : ''
      if (!CODE.test(path) || path.includes('${')) return true
      kept += 1
      if (kept <= CODE_FILES) code.add(path)
      return kept <= CODE_FILES
    })
  }
  return { text: document.toString({ lineWidth: 0 }), code: [...code] }
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
    'artifacts/fetch/images/1.png',
    'artifacts/split/split.csv',
    'artifacts/report/index.html',
    ...parts.map((name) => `artifacts/augment/${name}`),
    ...names.flatMap((name) => [`artifacts/train/${name}/model.json`, `artifacts/runs/${name}.json`]),
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
