import { randomUUID } from 'node:crypto'
import { appendFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import { cutMarkdown, LIMITS } from './cut.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The workflow job that this process is part of. */
export type Job = ReturnType<typeof readJob>

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))

const jobSchema = z.object({
  GITHUB_API_URL: url.default('https://api.github.com'),
  GITHUB_SERVER_URL: url.default('https://github.com'),
  GITHUB_REPOSITORY: z.string().regex(/^\w[\w.-]*\/(?!\.{1,2}$)[\w.-]+$/, 'must be owner/name'),
  GITHUB_RUN_ID: z.string().regex(/^\d*$/, 'must be a number').default(''),
  GITHUB_TOKEN: z.string().default(''),
  COMMENT_AUTHOR: z.string().default(''),
})

/** Reads GitHub's environment variables. @throws ConfigError */
export function readJob(environment: Environment) {
  const given = parseWith(jobSchema, environment, 'the environment of a workflow')
  const { GITHUB_SERVER_URL: serverUrl, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = given
  return {
    apiUrl: given.GITHUB_API_URL,
    serverUrl,
    repository,
    /** Empty if the job has none. */
    token: given.GITHUB_TOKEN,
    /** The login that the token writes as. */
    author: given.COMMENT_AUTHOR || 'github-actions[bot]',
    /** URL of this workflow run; empty if unknown. */
    runUrl: run === '' ? '' : `${serverUrl}/${repository}/actions/runs/${run}`,
  }
}

/** Parses a value that GitHub provides. @throws ConfigError with all faults on one line */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ConfigError(
    `Expected ${name}, received: ${faults.join('; ')}. Run this in a workflow, or set these values.`,
  )
}

/**
 * Appends Markdown to the job summary, cut to what GitHub shows. Does nothing outside a workflow.
 *
 * @param fullTextUrl URL of the full text, for a summary that has to be cut
 */
export async function appendSummary(
  markdown: string,
  fullTextUrl: string,
  environment: Environment = process.env,
): Promise<void> {
  const path = environment.GITHUB_STEP_SUMMARY
  if (!path) return
  const used = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  const limit = LIMITS.summaryBytes - used - 1
  if (limit < 1000) return // beyond the limit GitHub shows nothing at all
  await appendFile(path, `${cutMarkdown(markdown, { limit, sizeOf: Buffer.byteLength, fullTextUrl })}\n`)
}

/** Sets outputs of the step; values may hold any text. Does nothing outside a workflow. */
export async function writeOutputs(
  outputs: Readonly<Record<string, string | number | boolean>>,
  environment: Environment = process.env,
): Promise<void> {
  const path = environment.GITHUB_OUTPUT
  if (!path) return
  const lines = Object.entries(outputs).map(([name, value]) => {
    const end = `end-${randomUUID()}` // cannot be guessed and so not forged in a value
    return `${name}<<${end}\n${value}\n${end}\n`
  })
  await appendFile(path, lines.join(''))
}
