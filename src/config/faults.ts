import { z } from 'zod'
import { nearestName } from '../core/names.ts'
import { isSection } from './section.ts'

/** What is wrong at one place of params.yaml. */
export interface Fault {
  readonly path: readonly PropertyKey[]
  /** `models.a.width: 0.3; one of 0.25, 0.5, 0.75, 1` */
  readonly text: string
}

/** What a schema refuses in some content, each fault once: a misspelled key is not missing as well. */
export function faultsOf(schema: z.ZodType, content: unknown): Fault[] {
  const knownKeys = new Map<string, string[]>()
  const { error } = schema.safeParse(content, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject)
        knownKeys.set(pathText(issue.path ?? []), Object.keys(issue.inst.shape))
      return allowedBy(issue)
    },
  })
  const misspelled = new Set<string>()
  const faults = (error?.issues ?? []).flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys') return [faultOf(issue, content)]
    return issue.keys.map((key) => {
      const near = nearestName(key, knownKeys.get(pathText(issue.path)) ?? [])
      if (near !== undefined) misspelled.add(pathText([...issue.path, near]))
      const path = [...issue.path, key]
      return { path, text: `${pathText(path)}: ${near === undefined ? 'unknown key' : `did you mean ${near}?`}` }
    })
  })
  return faults.filter(({ path }) => valueAt(content, path) !== undefined || !misspelled.has(pathText(path)))
}

function faultOf({ path, message }: z.core.$ZodIssue, content: unknown): Fault {
  const value = valueAt(content, path)
  const received = value === undefined ? 'missing; ' : isSection(value) ? '' : `${shown(value)}; `
  return { path, text: `${path.length > 0 ? `${pathText(path)}: ` : ''}${received}${message}` }
}

/** What a schema without a message of its own allows. */
function allowedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return oneOf(issue.values)
    case 'too_small':
      return issue.origin === 'string' ? 'not empty' : `${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`
    case 'invalid_format':
      return issue.format === 'url' ? 'a URL, such as https://example.org/images.zip' : undefined
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : undefined
    default:
      return undefined
  }
}

const TYPES: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? `only ${values[0]}` : `one of ${values.join(', ')}`
}

/** A path as in a message: `models.net-a.width`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : shown(String(key)))).join('.')
}

const MAX_SHOWN = 60

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isSection(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined),
    content,
  )
}
