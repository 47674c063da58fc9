import { byCodePoint, folderHash } from '../fetch/folder-hash.ts'
import type { Lock, LockedEntry, LockedStage } from './lock.ts'
import type { Stage } from './stages.ts'
import { sameValue, valueAt } from './values.ts'

/** What `dvc status` would say of a stage, when all data is there as the lock has it. */
export interface StageState {
  /** `train@original-zero` */
  readonly name: string
  /** `train` */
  readonly group: string
  readonly configuration: string | undefined
  /** Why it has to run again; empty when it is up to date. */
  readonly changes: readonly Change[]
}

export interface Change {
  readonly of: 'stage' | 'command' | 'dependency' | 'parameter' | 'out'
  /** The stage, a path, or a parameter such as `models.original-zero`. */
  readonly name: string
  /** Apart from params.yaml, the file of a parameter. */
  readonly file?: string
  /** `inconsistent`: stages ran with different versions of it, and which is the newest cannot be seen without data. */
  readonly state: 'modified' | 'missing' | 'new' | 'inconsistent'
}

/** How dvc.lock stands to the files that are checked out. */
export interface Staleness {
  /** Every stage of dvc.yaml, in its order. */
  readonly stages: readonly StageState[]
  /** Stages of dvc.lock that dvc.yaml no longer has. */
  readonly leftovers: readonly string[]
  /** Configurations of which a stage is stale, in the order of params.yaml: those to train or evaluate. */
  readonly staleConfigurations: readonly string[]
  /** Whether a stage that all configurations share is stale, fetch to augment; then any of them may become so. */
  readonly isDataStale: boolean
  /** Files inside outs that were compared between stages alone, since DVC's cache does not know what the outs hold. */
  readonly unchecked: readonly string[]
}

/** What is there to compare with. */
export interface Workspace {
  /** The hash that DVC gives a file or folder; nothing when it is not there. */
  hashOf(path: string): string | undefined
  /** What a file of parameters holds; nothing when it is not there. */
  valuesIn(file: string): unknown
  /** Hashes by path of the files of a folder in DVC's cache; nothing when the cache has no list of it. */
  filesOf(md5: string): ReadonlyMap<string, string> | undefined
}

/** Compares the stages of dvc.yaml with dvc.lock and with what is there. */
export function compareStages(stages: readonly Stage[], lock: Lock, workspace: Workspace): Staleness {
  const known: Known = {
    outsAt: outsAt(stages, lock),
    disputed: disagreements(stages.flatMap(({ name }) => lock.get(name) ?? [])),
    unchecked: new Set(),
    workspace,
  }
  const states = stages.map((stage): StageState => {
    const { name, group, configuration } = stage
    const locked = lock.get(name)
    if (!locked) return { name, group, configuration, changes: [{ of: 'stage', name, state: 'new' }] }
    const changes = [
      ...(sameValue(stage.cmd, locked.cmd) ? [] : [{ of: 'command', name, state: 'modified' } as const]),
      ...dependencyChanges(stage.deps, locked, known),
      ...[...stage.params].flatMap(([file, keys]) => parameterChanges(file, keys, locked, workspace)),
      ...stage.outs.flatMap((out) => outChange(out, locked, workspace)),
    ]
    return { name, group, configuration, changes }
  })
  const stale = states.filter(({ changes }) => changes.length > 0)
  const shared = new Set(stages.filter((stage) => isShared(stage)).map(({ name }) => name))
  return {
    stages: states,
    leftovers: leftoversOf(stages, lock),
    staleConfigurations: [...new Set(stale.flatMap(({ configuration }) => configuration ?? []))],
    isDataStale: stale.some(({ name }) => shared.has(name)),
    unchecked: [...known.unchecked].sort(),
  }
}

/** Stages of a dvc.lock that dvc.yaml no longer has. */
export function leftoversOf(stages: readonly Stage[], lock: Lock): string[] {
  const names = new Set(stages.map(({ name }) => name))
  return [...lock.keys()].filter((name) => !names.has(name))
}

/** A stage that makes data for all configurations: fetch, split, augment; not report and gate, which write to git. */
function isShared({ configuration, outs }: Stage): boolean {
  return configuration === undefined && outs.length > 0 && outs.every(({ cached }) => cached)
}

/** A cached out with what it was when its stage last ran; nothing when that never was. */
type LockedOut = readonly [path: string, entry: LockedEntry | undefined]

/** Gives the cached outs that are at a path, around it or inside of it. */
function outsAt(stages: readonly Stage[], lock: Lock): (path: string) => readonly LockedOut[] {
  const outs = stages.flatMap(({ name, outs }) =>
    outs.filter(({ cached }) => cached).map(({ path }): LockedOut => [path, entryOf(lock.get(name)?.outs, path)]),
  )
  const known = new Map<string, readonly LockedOut[]>()
  return (path) => {
    const found = known.get(path) ?? outs.filter(([out]) => contains(out, path) || contains(path, out))
    known.set(path, found)
    return found
  }
}

function entryOf(entries: readonly LockedEntry[] | undefined, path: string): LockedEntry | undefined {
  return entries?.find((entry) => entry.path === path)
}

/** Paths that stages know by different hashes. */
function disagreements(stages: readonly LockedStage[]): Set<string> {
  const hashes = new Map<string, string | undefined>()
  const disputed = new Set<string>()
  for (const { deps } of stages) {
    for (const { path, md5 } of deps) {
      if (!hashes.has(path)) hashes.set(path, md5)
      else if (hashes.get(path) !== md5) disputed.add(path)
    }
  }
  return disputed
}

interface Known {
  readonly outsAt: (path: string) => readonly LockedOut[]
  readonly disputed: ReadonlySet<string>
  readonly unchecked: Set<string>
  readonly workspace: Workspace
}

function dependencyChanges(paths: readonly string[], locked: LockedStage, known: Known): Change[] {
  const entries = new Map(locked.deps.map((entry) => [entry.path, entry]))
  return paths.flatMap((path) => dependencyChange(path, entries.get(path), known))
}

function dependencyChange(path: string, before: LockedEntry | undefined, known: Known): Change[] {
  const change = (state: Change['state']): Change[] => [{ of: 'dependency', name: path, state }]
  const outs = known.outsAt(path)
  if (outs.length === 0) {
    const now = known.workspace.hashOf(path)
    if (now === undefined) return change('missing')
    return now === before?.md5 ? [] : change(before ? 'modified' : 'new')
  }
  if (!before) return change('new')
  const now = outHash(path, outs, known.workspace)
  if (now !== undefined) return now === before.md5 ? [] : change('modified')
  known.unchecked.add(path)
  if (known.disputed.has(path)) return change('inconsistent')
  return fits(path, before, outs) ? [] : change('modified')
}

function contains(folder: string, path: string): boolean {
  return folder === path || path.startsWith(`${folder}/`)
}

/** The hash of what stands at a path that is an out, lies in one or holds some; nothing when the cache does not know. */
function outHash(path: string, outs: readonly LockedOut[], workspace: Workspace): string | undefined {
  const files: { relpath: string; md5: string }[] = []
  for (const [out, entry] of outs) {
    if (!entry?.md5) return undefined
    if (out === path) return entry.md5
    const list = entry.md5.endsWith('.dir') ? workspace.filesOf(entry.md5) : new Map([['', entry.md5]])
    if (!list || (contains(out, path) && list.has(''))) return undefined
    for (const [name, md5] of list) {
      const whole = name === '' ? out : `${out}/${name}`
      if (whole === path) return md5
      if (contains(path, whole)) files.push({ relpath: whole.slice(path.length + 1), md5 })
    }
  }
  return folderHash(files.sort((a, b) => byCodePoint(a.relpath, b.relpath)))
}

/** Whether a folder of outs has as many bytes and files as they have together, which is all that the lock says. */
function fits(path: string, folder: LockedEntry, outs: readonly LockedOut[]): boolean {
  if (!outs.every(([out]) => contains(path, out))) return true
  const sum = (key: 'size' | 'nfiles', each: number) =>
    outs.reduce((total, [, entry]) => total + (entry?.[key] ?? each), 0)
  return folder.size === sum('size', Number.NaN) && folder.nfiles === sum('nfiles', 1)
}

function parameterChanges(file: string, keys: readonly string[], locked: LockedStage, workspace: Workspace): Change[] {
  const values = workspace.valuesIn(file)
  const named = file === 'params.yaml' ? {} : { file }
  if (values === undefined) return [{ of: 'parameter', name: '', file, state: 'missing' }]
  const before = locked.params[file] ?? {}
  const all = keys.length > 0 ? keys : [...new Set([...Object.keys(values ?? {}), ...Object.keys(before)])]
  return all.flatMap((name): Change[] => {
    const now = valueAt(values, name)
    if (now === undefined) return [{ of: 'parameter', name, ...named, state: 'missing' }]
    if (!Object.hasOwn(before, name)) return [{ of: 'parameter', name, ...named, state: 'new' }]
    return sameValue(now, before[name]) ? [] : [{ of: 'parameter', name, ...named, state: 'modified' }]
  })
}

function outChange({ path, cached }: Stage['outs'][number], locked: LockedStage, workspace: Workspace): Change[] {
  const before = entryOf(locked.outs, path)
  const now = cached ? before?.md5 : workspace.hashOf(path)
  if (!before) return [{ of: 'out', name: path, state: 'new' }]
  if (now === undefined) return [{ of: 'out', name: path, state: 'missing' }]
  return now === before.md5 ? [] : [{ of: 'out', name: path, state: 'modified' }]
}
