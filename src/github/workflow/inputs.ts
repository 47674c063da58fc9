import { z } from 'zod'
import type { Params } from '../../command-line/params.ts'
import { CONFIG_NAME } from '../../config/shapes.ts'
import { ConfigError } from '../../core/errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configurations that an input names, with spaces or commas between, each once; empty: all there are.
 *
 * @throws ConfigError for a name that is none, whatever stands in it
 */
export function readConfigurations(input: string | undefined, { models }: Pick<Params, 'models'>): string[] {
  const known = Object.keys(models)
  const names = [...new Set((input ?? '').split(/[\s,]+/).filter((name) => name !== ''))]
  const unknown = names.find((name) => !CONFIG_NAME.test(name) || !known.includes(name))
  if (unknown === undefined) return names.length > 0 ? names : known
  throw new ConfigError(
    `Expected configurations, of ${known.join(', ')}, received ${JSON.stringify(unknown)}. Name those that params.yaml has.`,
  )
}

/** The seed that an input asks for; empty: none. @throws ConfigError */
export function readSeed(input: string | undefined): number | undefined {
  const text = (input ?? '').trim()
  if (text === '') return undefined
  const seed = Number(text)
  if (/^\d{1,10}$/.test(text) && seed < 2 ** 31) return seed
  throw new ConfigError(
    `Expected SEED to be a whole number from 0 to 2147483647, or empty, received ${JSON.stringify(text)}. Give another.`,
  )
}

/** Where a job runs. */
export interface Job {
  readonly apiUrl: string
  readonly serverUrl: string
  /** `owner/name` */
  readonly repository: string
  /** Empty where the job has none. */
  readonly token: string
  /** Who the token belongs to. */
  readonly author: string
  /** The page of this run; empty where it has none. */
  readonly runUrl: string
}

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

const jobSchema = z.object({
  GITHUB_API_URL: address.default('https://api.github.com'),
  GITHUB_SERVER_URL: address.default('https://github.com'),
  GITHUB_REPOSITORY: z.string().regex(/^\w[\w.-]*\/(?!\.{1,2}$)[\w.-]+$/, 'must be owner/name'),
  GITHUB_RUN_ID: z.string().regex(/^\d*$/, 'must be a number').default(''),
  GITHUB_TOKEN: z.string().default(''),
  COMMENT_AUTHOR: z.string().default(''),
})

/** What GitHub says of the job that this is part of. @throws ConfigError */
export function readJob(environment: Environment): Job {
  const given = parseWith(jobSchema, environment, 'the environment of a workflow')
  const repository = given.GITHUB_REPOSITORY
  const run = given.GITHUB_RUN_ID
  return {
    apiUrl: given.GITHUB_API_URL,
    serverUrl: given.GITHUB_SERVER_URL,
    repository,
    token: given.GITHUB_TOKEN,
    author: given.COMMENT_AUTHOR || 'github-actions[bot]',
    runUrl: run === '' ? '' : `${given.GITHUB_SERVER_URL}/${repository}/actions/runs/${run}`,
  }
}

/** A value that a schema takes. @throws ConfigError in one line */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ConfigError(
    `Expected ${name}, received another (${faults.join('; ')}). Run it in a workflow, or set these.`,
  )
}
