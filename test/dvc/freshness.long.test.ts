import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isMap, parseDocument } from 'yaml'
import { BrokenError } from '../../src/dvc/broken.ts'
import { type PipelineFreshness, readFreshness } from '../../src/dvc/freshness.ts'
import { verificationOf } from '../../src/review/verify/verification.ts'
import { type DvcAnswer, openSkeleton, type Skeleton } from '../support/dvc-skeleton.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STATES = 200

/** One change to a file of the checkout; `change` returns undefined to delete it. */
interface Edit {
  readonly what: string
  readonly file: string
  readonly change: (text: string) => string | undefined
}

/** Files that an edit adds; .dvcignore leaves two of them out. */
const ADDED = ['src/core/added.ts', 'src/train/nested/added.ts', 'src/train/.DS_Store', 'src/core/.files.ts.swp']

let skeleton: Skeleton
const kept = temporaryFolder({ per: 'file' })

beforeAll(async () => {
  skeleton = await openSkeleton()
  for (const file of skeleton.files) await cp(join(skeleton.root, file), join(kept.path, file))
})

afterAll(async () => {
  await skeleton.close()
})

function edits(files: readonly string[]): fc.Arbitrary<Edit> {
  const code = files.filter((file) => /^(src|pipeline)\/.*\.(ts|cc)$/.test(file))
  const edit = (what: string, file: string, change: Edit['change']) => ({ what, file, change })
  const one = <T>(values: readonly T[]) => fc.constantFrom(...values)
  return fc.oneof(
    fc
      .tuple(one(PARAMETERS), one(VALUES))
      .filter(isReadAlike)
      .map(([path, value]) =>
        edit(
          `${path} = ${JSON.stringify(value)}`,
          'params.yaml',
          yaml((document) => document.setIn(path.split('.'), value)),
        ),
      ),
    one(PARAMETERS).map((path) =>
      edit(
        `${path} removed`,
        'params.yaml',
        yaml((document) => document.deleteIn(path.split('.'))),
      ),
    ),
    one([/^seed: \d+/m, /^ {2}epochs: \d+/m, /^ {2}rotation: \d+/m]).map((value) =>
      edit(`${value} as a float`, 'params.yaml', (text) => text.replace(value, '$&.0')),
    ),
    one(code).map((file) => edit(`${file} changed`, file, (text) => `${text}// more\n`)),
    one(code).map((file) => edit(`${file} removed`, file, () => undefined)),
    one(ADDED).map((file) => edit(`${file} added`, file, () => 'added')),
    fc.constant(
      edit('another pin', 'data.dvc', (text) =>
        text.replace(/md5: ./, (hash) => `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}`),
      ),
    ),
    one(['gate', 'report', 'evaluate', 'split']).map((stage) =>
      edit(
        `no stage ${stage}`,
        'dvc.yaml',
        yaml((document) => document.deleteIn(['stages', stage])),
      ),
    ),
    one(['gate', 'split', 'augment']).map((stage) =>
      edit(
        `another command of ${stage}`,
        'dvc.yaml',
        yaml((document) => document.setIn(['stages', stage, 'cmd'], `node pipeline/${stage}.ts --other`)),
      ),
    ),
    fc.constant(
      edit('a configuration renamed', 'params.yaml', (text) => text.replace('  original-zero:', '  renamed-zero:')),
    ),
    fc.constant(
      edit(
        'a configuration removed',
        'params.yaml',
        yaml((document) => document.deleteIn(['models', 'mobilenet025-zero'])),
      ),
    ),
    fc.constant(
      edit(
        'a configuration added',
        'params.yaml',
        yaml((document) => document.setIn(['models', 'new-zero'], { architecture: 'original', mode: 'zero' })),
      ),
    ),
    fc.constant(edit('configurations in another order', 'params.yaml', yaml(reverseModels))),
    one([
      'results/metrics/original-zero.json',
      'results/README.md',
      'results/predictions.csv',
      'results/plots/original-zero.svg',
    ]).map((file) =>
      edit(`${file} edited`, file, (text) => text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))),
    ),
    one(['results/metrics/original-zero.json', 'results/README.md']).map((file) =>
      edit(`${file} removed`, file, () => undefined),
    ),
    one(['dvc.lock', 'dvc.yaml', 'params.yaml', 'data.dvc']).map((file) =>
      edit(`a conflict in ${file}`, file, (text) => `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> other\n`),
    ),
    one(['dependencies.sharp', 'dependencies.@tensorflow/tfjs-core', 'description']).map((key) =>
      edit(`another ${key}`, 'package.json', (text) => withValue(text, key)),
    ),
    fc.constant(
      edit('another TensorFlow', 'src/tensorflow/native/runtime.json', (text) => withValue(text, 'tensorflow')),
    ),
    one(['gate', 'augment', 'train@original-zero']).map((stage) =>
      edit(
        `${stage} never ran`,
        'dvc.lock',
        yaml((document) => document.deleteIn(['stages', stage])),
      ),
    ),
    fc.constant(edit('a stage that is gone', 'dvc.lock', (text) => `${text}  gone:\n    cmd: echo gone\n`)),
    fc.constant(edit('no dvc.lock', 'dvc.lock', () => undefined)),
  )
}

const PARAMETERS = [
  'seed',
  'image.size',
  'augment.rotation',
  'train.epochs',
  'train.stopping.early',
  'evaluate.batchSize',
  'report.title',
  'gate.test',
  'models.original-zero.epochs',
  'models.mobilenet025-zero.width',
  'checkpoint.everyEpochs',
  'split',
  'fetch.size',
]
const VALUES = [1, 1.5, 128, true, null, 'cover', { kind: 'constant' }, [1, 2]]

/** DVC makes options of a section that stands in a command, as image.size does in fetch's; we refuse it. */
function isReadAlike([path, value]: readonly [string, unknown]): boolean {
  return path !== 'image.size' || typeof value !== 'object' || value === null
}

type Document = ReturnType<typeof parseDocument>

function yaml(change: (document: Document) => void): Edit['change'] {
  return (text) => {
    if (text.startsWith('<<<')) return text
    const document = parseDocument(text)
    try {
      change(document)
    } catch {
      return text // another edit has taken away what this one changes
    }
    return document.toString({ lineWidth: 0 })
  }
}

/** A JSON text with another value at a path of keys. */
function withValue(text: string, path: string): string {
  const document = parseDocument(text)
  document.setIn(path.split('.'), 'another')
  return JSON.stringify(document)
}

function reverseModels(document: Document): void {
  const models = document.get('models')
  if (isMap(models)) models.items.reverse()
}

/** The files that the last state changed. */
const touched = new Set<string>()

/** Makes the state in which all edits were made to what was kept. All other files keep their times, so that DVC reads none again. */
async function makeState(state: readonly Edit[]): Promise<void> {
  for (const file of touched) {
    if (ADDED.includes(file)) await rm(join(skeleton.root, file), { force: true })
    else await cp(join(kept.path, file), join(skeleton.root, file))
  }
  await rm(join(skeleton.root, 'src/train/nested'), { recursive: true, force: true })
  touched.clear()
  for (const { file, change } of state) {
    touched.add(file)
    const path = join(skeleton.root, file)
    const text = await readFile(path, 'utf8').catch(() => (ADDED.includes(file) ? '' : undefined))
    const changed = text === undefined ? undefined : change(text)
    await mkdir(dirname(path), { recursive: true })
    if (changed === undefined) await rm(path, { force: true })
    else await writeFile(path, changed)
  }
}

/** What changed of each stage, as far as git has it: what DVC keeps is in the skeleton as the lock had it. */
function byDvc(status: NonNullable<DvcAnswer['status']>): Record<string, string[]> {
  const stages = Object.entries(status).filter(([name]) => name !== 'data.dvc')
  const named = stages.map(([name, entries]) => {
    const changes = entries.flatMap((entry) => {
      if (typeof entry === 'string') return ['command']
      return Object.values(entry).flatMap((all) =>
        Object.entries(all as Record<string, unknown>).flatMap(([path, state]) =>
          typeof state === 'object' && state !== null ? Object.keys(state).map((key) => `${path} ${key}`) : [path],
        ),
      )
    })
    return [name, changes.filter((change) => !change.startsWith('artifacts/')).sort()] as const
  })
  return Object.fromEntries(named.filter(([, changes]) => changes.length > 0))
}

function byUs({ stages }: PipelineFreshness): Record<string, string[]> {
  const named = stages.map(({ name, changes }) => {
    const words = changes.map(({ of, name: what, file }) => {
      if (of === 'stage') return NEVER
      if (of === 'command') return 'command'
      return of === 'parameter' ? [file ?? 'params.yaml', what].join(' ').trim() : what
    })
    return [name, words.filter((word) => !word.startsWith('artifacts/')).sort()] as const
  })
  return Object.fromEntries(named.filter(([, changes]) => changes.length > 0))
}

const NEVER = 'never ran'

function freshnessOrBroken(): PipelineFreshness | BrokenError {
  try {
    return readFreshness(skeleton.root)
  } catch (error) {
    if (error instanceof BrokenError) return error
    throw error
  }
}

describe('readFreshness', () => {
  it('finds nothing stale where DVC has just committed everything', async () => {
    await makeState([])
    expect(await skeleton.ask('status')).toEqual({ status: {} })
    const { stages, ...rest } = readFreshness(skeleton.root)
    expect(stages.length).toBe(9)
    expect(stages.flatMap(({ changes }) => changes)).toEqual([])
    expect(rest).toEqual({ leftovers: [], staleConfigurations: [], isDataStale: false, unknown: [] })
  })

  it(`agrees with dvc status in ${STATES} states`, async () => {
    let broken = 0
    let stale = 0
    const state = fc.array(edits(skeleton.files), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(state, async (edits) => {
        await makeState(edits)
        const answer = await skeleton.ask('status')
        const ours = freshnessOrBroken()
        const story = edits.map(({ what }) => what).join(', ')
        if (answer.status === undefined || ours instanceof BrokenError) {
          broken += 1
          const problem = answer.error ?? (ours instanceof BrokenError ? ours.message : '')
          expect([story, ours instanceof BrokenError], problem).toEqual([story, answer.status === undefined])
          return
        }
        const [dvc, us] = [byDvc(answer.status), byUs(ours)]
        for (const [name, changes] of Object.entries(us)) {
          if (changes.includes(NEVER) && dvc[name]) us[name] = dvc[name]
        }
        if (Object.keys(dvc).length > 0) stale += 1
        const isAllElseFine = Object.keys(answer.status).every((name) => ['gate', 'data.dvc'].includes(name))
        const failed = verificationOf(ours, { numbers: [], texts: [] }, { passed: false, message: '' })
        if (ours.leftovers.length === 0 && isAllElseFine)
          expect([story, failed.verdict]).toEqual([story, 'gate failed'])
        if (Object.keys(dvc).some((name) => name !== 'gate')) expect([story, failed.verdict]).toEqual([story, 'stale'])
        expect([story, us]).toEqual([story, dvc])
      }),
      { numRuns: STATES, endOnFailure: true, seed: 1 },
    )
    expect(broken).toBeGreaterThan(STATES / 20)
    expect(stale).toBeGreaterThan(STATES / 2)
  })
})
