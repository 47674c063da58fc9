import { z } from 'zod'
import type { GitHub } from './client.ts'
import { cutMarkdown, LIMITS } from './cut.ts'

export interface Annotation {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export interface CheckRun {
  /** The name that branch rules refer to. */
  readonly name: string
  readonly commit: string
  /** `neutral`: no green tick, but a rule that requires the check lets it pass. */
  readonly conclusion: 'success' | 'neutral' | 'failure'
  readonly title: string
  /** Markdown. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** URL of the workflow run, which shows the full summary; empty for none. */
  readonly detailsUrl: string
}

const CREATE = 'POST /repos/{owner}/{repo}/check-runs'
const UPDATE = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'

const ANNOTATIONS_PER_REQUEST = 50
const MAX_MESSAGE_LENGTH = 16_000 // characters of up to four bytes, in 64 KB
const MAX_TITLE_LENGTH = 255

/** Creates a completed check run and returns its id. @throws GitHubError */
export async function writeCheckRun(github: GitHub, check: CheckRun): Promise<number> {
  const annotations = check.annotations.map(toGitHub)
  const output = {
    title: check.title.slice(0, MAX_TITLE_LENGTH),
    summary: cutMarkdown(check.summary, { limit: LIMITS.check, fullTextUrl: check.detailsUrl }),
  }
  const created = await github.request('create the check run', CREATE, {
    name: check.name,
    head_sha: check.commit,
    status: 'completed',
    conclusion: check.conclusion,
    ...(check.detailsUrl === '' ? {} : { details_url: check.detailsUrl }),
    output: { ...output, annotations: annotations.slice(0, ANNOTATIONS_PER_REQUEST) },
  })
  const { id } = z.object({ id: z.number() }).parse(created)
  for (let start = ANNOTATIONS_PER_REQUEST; start < annotations.length; start += ANNOTATIONS_PER_REQUEST) {
    const more = annotations.slice(start, start + ANNOTATIONS_PER_REQUEST)
    const parameters = { check_run_id: id, output: { ...output, annotations: more } }
    await github.request('add annotations to the check run', UPDATE, parameters)
  }
  return id
}

function toGitHub({ path, line, level, title, message }: Annotation) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: title.slice(0, MAX_TITLE_LENGTH),
    message: message.slice(0, MAX_MESSAGE_LENGTH),
  }
}

/**
 * The line of a log that creates an annotation, for a job without a token that may write check runs.
 *
 * Source: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
 */
export function annotationCommand({ path, line, level, title, message }: Annotation): string {
  const kind = level === 'failure' ? 'error' : level
  return `::${kind} file=${escapeProperty(path)},line=${line},title=${escapeProperty(title)}::${escapeData(message)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
