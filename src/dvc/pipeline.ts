import { isSection, type Section } from '../config/section.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from './broken.ts'
import { type Checkout, openCheckout } from './checkout.ts'
import { type Lock, parseLock } from './lock.ts'

/** dvc.yaml and dvc.lock of a checkout, and the files that they name. */
export interface Pipeline {
  /** In the order of dvc.yaml; a `foreach` gives one stage for each configuration. */
  readonly stages: readonly Stage[]
  readonly lock: Lock
  readonly checkout: Checkout
}

export interface Stage {
  /** `split`, `train@original-zero` */
  readonly name: string
  /** Its name in dvc.yaml: `train` */
  readonly group: string
  /** Undefined for a stage that all configurations share. */
  readonly configuration: string | undefined
  readonly cmd: unknown
  readonly deps: readonly string[]
  /** Keys by file; an empty list means the whole file. */
  readonly params: ReadonlyMap<string, readonly string[]>
  /** Outs and metrics. */
  readonly outs: readonly Out[]
}

export interface Out {
  readonly path: string
  /** Whether DVC keeps it in its cache; otherwise it is in git. */
  readonly cached: boolean
}

/**
 * Reads dvc.yaml, what it names, and dvc.lock. Without a dvc.lock no stage has run yet.
 *
 * @throws BrokenError when a file is missing, in conflict or malformed
 */
export function readPipeline(checkout: Checkout = openCheckout('.')): Pipeline {
  const content = readSection(checkout, paths.dvcYaml)
  const vars = listOf(content.vars, 'vars').map((file) => (typeof file === 'string' ? file : refuse('vars', file)))
  const variables = [paths.params, ...vars].map((file) => readSection(checkout, file))
  const lock = checkout.textOf(paths.dvcLock)
  return {
    stages: expandStages(content, Object.assign({}, ...variables)),
    lock: lock === undefined ? new Map() : parseLock(lock),
    checkout,
  }
}

/** Stages of dvc.lock that dvc.yaml no longer has. */
export function leftoversOf({ stages, lock }: Pipeline): string[] {
  const names = new Set(stages.map(({ name }) => name))
  return [...lock.keys()].filter((name) => !names.has(name))
}

function readSection(checkout: Checkout, file: string): Section {
  const values = checkout.valuesIn(file)
  if (isSection(values)) return values
  const received = values === undefined ? 'nothing' : JSON.stringify(values).slice(0, 40)
  throw new BrokenError(`Expected ${file} to hold a map, received ${received}. Restore it from git.`)
}

/**
 * The stages of dvc.yaml with every `${…}` filled in.
 *
 * Knows the part of DVC's language that our dvc.yaml uses and refuses the rest: a comparison that left something out would be
 * wrong.
 *
 * @param variables content of params.yaml and of the files of `vars`, merged
 * @throws BrokenError that names what is not known, or the variable that has no value
 */
export function expandStages({ stages }: Section, variables: Section): Stage[] {
  if (!isSection(stages)) throw new BrokenError('Expected stages in dvc.yaml, received none. Restore it from git.')
  return Object.entries(stages).flatMap(([group, stage]) => {
    if (!isSection(stage)) return refuse(`stage ${group}`, stage)
    if (!('foreach' in stage)) return [expand(group, undefined, stage, variables)]
    const items = fill(stage.foreach, variables)
    const body = stage.do
    if (!isSection(items) || !isSection(body)) return refuse(`foreach of ${group}`, stage.foreach)
    return Object.entries(items).map(([key, item]) => expand(group, key, body, { ...variables, key, item }))
  })
}

const KEYS = new Set(['cmd', 'deps', 'params', 'outs', 'metrics', 'desc', 'meta'])

function expand(group: string, configuration: string | undefined, stage: Section, variables: Section): Stage {
  for (const key of Object.keys(stage)) if (!KEYS.has(key)) refuse(`${key} of ${group}`, stage[key])
  const filled = (key: string) => listOf(stage[key], `${key} of ${group}`).map((each) => fill(each, variables))
  return {
    name: configuration === undefined ? group : `${group}@${configuration}`,
    group,
    configuration,
    cmd: fill(stage.cmd, variables),
    deps: filled('deps').map((each) => (typeof each === 'string' ? each : refuse(`deps of ${group}`, each))),
    params: paramsOf(filled('params'), group),
    outs: [...filled('outs'), ...filled('metrics')].map((each) => outOf(each, group)),
  }
}

function paramsOf(entries: readonly unknown[], group: string): Map<string, string[]> {
  const params = new Map<string, string[]>()
  const add = (file: string, keys: readonly string[]) => params.set(file, [...(params.get(file) ?? []), ...keys])
  for (const entry of entries) {
    if (typeof entry === 'string') add(paths.params, [entry])
    else if (!isSection(entry)) refuse(`params of ${group}`, entry)
    else for (const [file, keys] of Object.entries(entry)) add(file, listOf(keys, `params of ${group}`).map(String))
  }
  return params
}

function outOf(entry: unknown, group: string): Out {
  if (typeof entry === 'string') return { path: entry, cached: true }
  const [[path, options] = ['', undefined], ...more] = isSection(entry) ? Object.entries(entry) : []
  if (!isSection(options) || more.length > 0) return refuse(`outs of ${group}`, entry)
  for (const key of Object.keys(options)) if (key !== 'cache') refuse(`${key} of ${path}`, options[key])
  return { path, cached: options.cache !== false }
}

/** A value with every `${…}` of its strings filled in; a string that is nothing else becomes the value itself. */
function fill(value: unknown, variables: Section): unknown {
  if (Array.isArray(value)) return value.map((each) => fill(each, variables))
  if (isSection(value)) {
    const entries = Object.entries(value).map(([key, each]) => [fill(key, variables), fill(each, variables)])
    return Object.fromEntries(entries) as Section
  }
  if (typeof value !== 'string') return value
  const whole = /^\$\{([^{}]*)\}$/.exec(value)
  if (whole) return lookUp(whole[1] ?? '', variables)
  return value.replace(/\$\{([^{}]*)\}/g, (_all, path: string) => {
    const found = lookUp(path, variables)
    if (found === null) return 'None' // as Python writes it
    return typeof found === 'object' ? refuse(`\${${path}} in a text`, found) : String(found)
  })
}

/** The value of a variable such as `outs[0].md5`. */
function lookUp(path: string, variables: Section): unknown {
  const value = valueAt(variables, path.trim().replaceAll(/\[(\w+)\]/g, '.$1'))
  if (value !== undefined) return value
  throw new BrokenError(`Expected a value for \${${path}} of dvc.yaml, received none. Check data.dvc and params.yaml.`)
}

/** The value at keys such as `models.original-zero` or `outs.0.md5`; undefined when there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)]
    return isSection(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }, value)
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : refuse(what, value)
}

function refuse(what: string, value: unknown): never {
  throw new BrokenError(
    `Expected dvc.yaml in the part of DVC's language that src/dvc/pipeline.ts reads, received ${what}: ${JSON.stringify(value) ?? 'nothing'}. Ask \`npm run dvc -- status\`, or extend that file.`,
  )
}
