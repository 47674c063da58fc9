import { isSection } from '../config/section.ts'
import { byCodePoint, folderHash } from '../core/dvc-objects.ts'
import { contains, overlap } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { firstOf } from '../scores/format.ts'
import { type Checkout, openCheckout } from './checkout.ts'
import type { LockedEntry, LockedStage } from './lock.ts'
import { leftoversOf, type Pipeline, readPipeline, type Stage, valueAt } from './pipeline.ts'

/** Why a stage has to run again. */
export interface Change {
  readonly of: 'stage' | 'command' | 'dependency' | 'parameter' | 'out'
  /** The stage, a path, or a parameter such as `models.original-zero`. */
  readonly name: string
  /** The file of a parameter that is not in params.yaml. */
  readonly file?: string
  /** `inconsistent`: stages ran with different versions of it, and without data it is unknown which is the newest. */
  readonly state: 'modified' | 'missing' | 'new' | 'inconsistent'
}

export interface StageFreshness extends Pick<Stage, 'name' | 'group' | 'configuration'> {
  /** Empty when the stage is up to date. */
  readonly changes: readonly Change[]
}

/** How dvc.lock compares with the files that are checked out. */
export interface PipelineFreshness {
  /** Every stage of dvc.yaml, in its order. */
  readonly stages: readonly StageFreshness[]
  /** Stages of dvc.lock that dvc.yaml no longer has. */
  readonly leftovers: readonly string[]
  /** Configurations with a stale stage, in the order of params.yaml: those to train or evaluate. */
  readonly staleConfigurations: readonly string[]
  /** Whether fetch, split or augment is stale; then any configuration may become so. */
  readonly isDataStale: boolean
  /** Files inside outs whose hash is unknown here, since DVC's cache does not have the list of the out. */
  readonly unknown: readonly string[]
}

/**
 * Which stages are stale in the checkout at `root`, without Python, data or network.
 *
 * Agrees with `dvc status` where the data is as dvc.lock has it.
 *
 * @throws BrokenError when a file of the pipeline is missing, in conflict or malformed
 */
export function readFreshness(root = '.'): PipelineFreshness {
  return freshnessOf(readPipeline(openCheckout(root)))
}

/** Compares the stages of dvc.yaml with dvc.lock and with the checkout. */
export function freshnessOf(pipeline: Pipeline): PipelineFreshness {
  const { stages, lock, checkout } = pipeline
  const recorded: Recorded = {
    outsAt: outsAt(pipeline),
    disputed: disputedPaths(stages.flatMap(({ name }) => lock.get(name) ?? [])),
    unknown: new Set(),
    checkout,
  }
  const compared = stages.map((stage): StageFreshness => {
    const { name, group, configuration } = stage
    return { name, group, configuration, changes: changesOf(stage, lock.get(name), recorded) }
  })
  const stale = compared.filter(({ changes }) => changes.length > 0)
  const data = new Set(stages.filter((stage) => !stage.configuration && makesData(stage)).map(({ name }) => name))
  return {
    stages: compared,
    leftovers: leftoversOf(pipeline),
    staleConfigurations: [...new Set(stale.flatMap(({ configuration }) => configuration ?? []))],
    isDataStale: stale.some(({ name }) => data.has(name)),
    unknown: [...recorded.unknown].sort(),
  }
}

/**
 * Whether `dvc repro` may train or evaluate a configuration: a stage before report is stale, or its outs are neither in the
 * cache nor in the checkout.
 *
 * @throws BrokenError when a file of the pipeline is missing, in conflict or malformed
 */
export function isTrainingNeeded(root = '.'): boolean {
  const pipeline = readPipeline(openCheckout(root))
  const fresh = new Map(freshnessOf(pipeline).stages.map(({ name, changes }) => [name, changes.length === 0]))
  const { lock, checkout } = pipeline
  return !pipeline.stages.filter(makesData).every(({ name }) => fresh.get(name) && hasOuts(lock.get(name), checkout))
}

/** Whether the outs of a stage that ran are in the cache or the checkout. */
export function hasOuts(locked: LockedStage | undefined, { isCached, hashOf }: Checkout): boolean {
  return locked?.outs.every(({ path, md5 = '' }) => isCached(md5) || hashOf(path) === md5) ?? false
}

/** Every stage but report and gate, which write to git. */
function makesData({ outs }: Stage): boolean {
  return outs.length > 0 && outs.every(({ cached }) => cached)
}

/** What the stages of dvc.lock say together. */
interface Recorded {
  /** The cached outs at a path, around it or inside it, each with its entry of dvc.lock if it has one. */
  readonly outsAt: (path: string) => readonly LockedOut[]
  /** Paths that stages ran with in different versions. */
  readonly disputed: ReadonlySet<string>
  readonly unknown: Set<string>
  readonly checkout: Checkout
}

type LockedOut = readonly [path: string, entry: LockedEntry | undefined]

function outsAt({ stages, lock }: Pipeline): Recorded['outsAt'] {
  const outs = stages.flatMap(({ name, outs }) =>
    outs.filter(({ cached }) => cached).map(({ path }): LockedOut => [path, entryOf(lock.get(name)?.outs, path)]),
  )
  const known = new Map<string, LockedOut[]>() // by path: most stages depend on the same
  return (path) => {
    const found = known.get(path) ?? outs.filter(([out]) => overlap(out, path))
    known.set(path, found)
    return found
  }
}

function disputedPaths(stages: readonly LockedStage[]): Set<string> {
  const hashes = new Map<string, string | undefined>()
  const disputed = new Set<string>()
  for (const { path, md5 } of stages.flatMap(({ deps }) => deps)) {
    if (!hashes.has(path)) hashes.set(path, md5)
    else if (hashes.get(path) !== md5) disputed.add(path)
  }
  return disputed
}

function changesOf(stage: Stage, locked: LockedStage | undefined, recorded: Recorded): Change[] {
  if (!locked) return [{ of: 'stage', name: stage.name, state: 'new' }]
  const { checkout } = recorded
  return [
    ...(isSame(stage.cmd, locked.cmd) ? [] : [{ of: 'command', name: stage.name, state: 'modified' } as const]),
    ...stage.deps.flatMap((path) => dependencyChange(path, entryOf(locked.deps, path), recorded)),
    ...[...stage.params].flatMap(([file, keys]) => parameterChanges(file, keys, locked, checkout)),
    ...stage.outs.flatMap(({ path, cached }): Change[] => {
      const before = entryOf(locked.outs, path)
      return change('out', path, { before: before?.md5, now: cached ? before?.md5 : checkout.hashOf(path) })
    }),
  ]
}

function dependencyChange(path: string, before: LockedEntry | undefined, recorded: Recorded): Change[] {
  const { checkout, disputed, unknown } = recorded
  const outs = recorded.outsAt(path)
  if (outs.length === 0) return change('dependency', path, { before: before?.md5, now: checkout.hashOf(path) })
  if (!before) return [{ of: 'dependency', name: path, state: 'new' }]
  const now = outHash(path, outs, checkout)
  if (now !== undefined) return change('dependency', path, { before: before.md5, now })
  unknown.add(path)
  if (disputed.has(path)) return [{ of: 'dependency', name: path, state: 'inconsistent' }]
  return hasSizeOf(path, before, outs) ? [] : [{ of: 'dependency', name: path, state: 'modified' }]
}

/** The hash of a path that is an out, is inside one or holds some; undefined when the cache does not know. */
function outHash(path: string, outs: readonly LockedOut[], checkout: Checkout): string | undefined {
  const files: { relpath: string; md5: string }[] = []
  for (const [out, entry] of outs) {
    if (!entry?.md5) return undefined
    if (out === path) return entry.md5
    const list = entry.md5.endsWith('.dir') ? checkout.cachedFiles(entry.md5) : new Map([['', entry.md5]])
    if (!list || (contains(out, path) && list.has(''))) return undefined
    for (const [name, md5] of list) {
      const whole = name === '' ? out : `${out}/${name}`
      if (whole === path) return md5
      if (contains(path, whole)) files.push({ relpath: whole.slice(path.length + 1), md5 })
    }
  }
  return folderHash(files.sort((a, b) => byCodePoint(a.relpath, b.relpath)))
}

/** Whether a folder of outs has as many bytes and files as they have together, which is all that dvc.lock says. */
function hasSizeOf(path: string, folder: LockedEntry, outs: readonly LockedOut[]): boolean {
  if (!outs.every(([out]) => contains(path, out))) return true
  const sum = (key: 'size' | 'nfiles', ofFile: number) =>
    outs.reduce((total, [, entry]) => total + (entry?.[key] ?? ofFile), 0)
  return folder.size === sum('size', Number.NaN) && folder.nfiles === sum('nfiles', 1)
}

function parameterChanges(file: string, keys: readonly string[], locked: LockedStage, checkout: Checkout): Change[] {
  const values = checkout.valuesIn(file)
  if (values === undefined) return [{ of: 'parameter', name: '', file, state: 'missing' }]
  const before = locked.params[file] ?? {}
  const all = keys.length > 0 ? keys : [...new Set([...Object.keys(values ?? {}), ...Object.keys(before)])]
  return all
    .flatMap((name) => change('parameter', name, { before: before[name], now: valueAt(values, name) }))
    .map((each) => (file === paths.params ? each : { ...each, file }))
}

function change(of: Change['of'], name: string, { before, now }: { before: unknown; now: unknown }): Change[] {
  if (now === undefined) return [{ of, name, state: of === 'out' && before === undefined ? 'new' : 'missing' }]
  if (before === undefined) return [{ of, name, state: 'new' }]
  return isSame(now, before) ? [] : [{ of, name, state: 'modified' }]
}

function entryOf(entries: readonly LockedEntry[] | undefined, path: string): LockedEntry | undefined {
  return entries?.find((entry) => entry.path === path)
}

/** Changes that a line names; the others are counted. */
const NAMED_CHANGES = 4

/** A stage and why it has to run, `split: params changed, exclude.csv changed`. */
export function describeStage({ name, changes }: Pick<StageFreshness, 'name' | 'changes'>): string {
  return `${name}: ${firstOf(changes.map(describeChange), NAMED_CHANGES)}`
}

const STATES = {
  modified: 'changed',
  missing: 'is missing',
  new: 'is new',
  inconsistent: 'differs between stages',
} as const

function describeChange({ of, name, file, state }: Change): string {
  if (of === 'stage') return 'never ran'
  if (of === 'command') return 'its command changed'
  return `${file === undefined ? name : `${file} ${name}`.trim()} ${STATES[state]}`
}

/** Whether two values of YAML are equal to DVC, that is in Python: 1, 1.0 and true are, and NaN is not even itself. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]))
  if (isSection(a)) {
    if (!isSection(b) || Object.keys(a).length !== Object.keys(b).length) return false
    return Object.entries(a).every(([key, each]) => Object.hasOwn(b, key) && isSame(each, b[key]))
  }
  const number = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value)
  return number(a) === number(b)
}
