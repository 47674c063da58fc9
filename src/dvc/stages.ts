import { isSection, type Section } from '../config/section.ts'
import { BrokenError } from './broken.ts'

/** A stage of dvc.yaml, one of each configuration where it stands for all of them. */
export interface Stage {
  /** `split`, `train@original-zero` */
  readonly name: string
  /** Its name in dvc.yaml: `train` */
  readonly group: string
  /** The configuration that it is for, where it stands for all of them. */
  readonly configuration: string | undefined
  readonly cmd: unknown
  readonly deps: readonly string[]
  /** Keys by file; no keys stand for the whole file. */
  readonly params: ReadonlyMap<string, readonly string[]>
  readonly outs: readonly Out[]
}

export interface Out {
  readonly path: string
  /** Whether DVC keeps it in its cache; else git has it. */
  readonly cached: boolean
}

/** The files whose values dvc.yaml may name in `${…}`: params.yaml, then those of `vars`. */
export function variableFiles(pipeline: unknown): string[] {
  const vars = isSection(pipeline) && Array.isArray(pipeline.vars) ? pipeline.vars : []
  return ['params.yaml', ...vars.map((each) => (typeof each === 'string' ? each : unknown(`vars: ${show(each)}`)))]
}

/**
 * The stages of dvc.yaml in its order, with every `${…}` filled in.
 *
 * Knows what our dvc.yaml uses of DVC's language, and refuses the rest: a comparison that left something out would be wrong.
 *
 * @param variables the content of the files of `vars`, merged
 * @throws BrokenError that names what is not known, or the variable that is missing
 */
export function expandStages(pipeline: unknown, variables: Section): Stage[] {
  const stages = isSection(pipeline) ? pipeline.stages : undefined
  if (!isSection(stages))
    throw new BrokenError('Expected stages in dvc.yaml, received none. Restore the file from git.')
  return Object.entries(stages).flatMap(([group, stage]) => {
    if (!isSection(stage)) return unknown(`stage ${group}: ${show(stage)}`)
    if (!('foreach' in stage)) return [expand(group, undefined, stage, variables)]
    const items = fill(stage.foreach, variables)
    const body = stage.do
    if (!isSection(items) || !isSection(body)) return unknown(`foreach of ${group} over something else than a map`)
    return Object.entries(items).map(([key, item]) => expand(group, key, body, { ...variables, key, item }))
  })
}

/** Keys of a stage that decide when it runs again, and those that decide nothing. */
const READ = new Set(['cmd', 'deps', 'params', 'outs', 'metrics'])
const IDLE = new Set(['desc', 'meta'])

function expand(group: string, configuration: string | undefined, stage: Section, variables: Section): Stage {
  for (const key of Object.keys(stage)) if (!READ.has(key) && !IDLE.has(key)) unknown(`${key} of stage ${group}`)
  const filled = (key: string) => listOf(stage[key], `${key} of stage ${group}`).map((each) => fill(each, variables))
  return {
    name: configuration === undefined ? group : `${group}@${configuration}`,
    group,
    configuration,
    cmd: fill(stage.cmd, variables),
    deps: filled('deps').map((each) => (typeof each === 'string' ? each : unknown(`deps of ${group}: ${show(each)}`))),
    params: paramsOf(filled('params'), group),
    outs: [...filled('outs'), ...filled('metrics')].map((each) => outOf(each, group)),
  }
}

function paramsOf(entries: readonly unknown[], group: string): Map<string, string[]> {
  const params = new Map<string, string[]>()
  const add = (file: string, keys: readonly string[]) => params.set(file, [...(params.get(file) ?? []), ...keys])
  for (const entry of entries) {
    if (typeof entry === 'string') add('params.yaml', [entry])
    else if (!isSection(entry)) unknown(`params of ${group}: ${show(entry)}`)
    else for (const [file, keys] of Object.entries(entry)) add(file, listOf(keys, `params of ${group}`).map(String))
  }
  return params
}

function outOf(entry: unknown, group: string): Out {
  if (typeof entry === 'string') return { path: entry, cached: true }
  const [[path, options] = ['', undefined], ...more] = isSection(entry) ? Object.entries(entry) : []
  if (!isSection(options) || more.length > 0) return unknown(`outs of ${group}: ${show(entry)}`)
  for (const key of Object.keys(options)) if (key !== 'cache') unknown(`${key} of ${path}`)
  return { path, cached: options.cache !== false }
}

/** A value with every `${…}` of its strings filled in; a string that is nothing else becomes the value itself. */
function fill(value: unknown, variables: Section): unknown {
  if (Array.isArray(value)) return value.map((each) => fill(each, variables))
  if (isSection(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [String(fill(key, variables)), fill(each, variables)]),
    )
  }
  if (typeof value !== 'string' || !value.includes('${')) return value
  const whole = /^\$\{([^{}]*)\}$/.exec(value)
  if (whole) return lookUp(whole[1] ?? '', variables)
  return value.replace(/\$\{([^{}]*)\}/g, (_all, path: string) => written(lookUp(path, variables), path))
}

/** The value at a path such as `outs[0].md5`. */
function lookUp(path: string, variables: Section): unknown {
  const keys = path
    .trim()
    .replaceAll(/\[(\w+)\]/g, '.$1')
    .split('.')
  return keys.reduce<unknown>((value, key) => {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) return (value as Section)[key]
    throw new BrokenError(
      `Expected a value for \${${path}} of dvc.yaml, received none. Look at data.dvc and params.yaml.`,
    )
  }, variables)
}

function written(value: unknown, path: string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value)
  return unknown(`\${${path}} in a text, which is ${show(value)}`)
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : unknown(`${what}: ${show(value)}`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}

function unknown(what: string): never {
  throw new BrokenError(
    `Expected dvc.yaml to use what verify knows of DVC, received ${what}. Ask \`npm run dvc -- status\`, or teach src/dvc/stages.ts.`,
  )
}
