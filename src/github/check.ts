import { z } from 'zod'
import type { GitHub } from './client.ts'
import { cutMarkdown, LIMITS } from './cut.ts'

/** A line of a file that something is to be said about. */
export interface Annotation {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export interface Check {
  /** What branch rules know it by. */
  readonly name: string
  /** The commit it is about. */
  readonly commit: string
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  /** Markdown. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** The page of the run, where the whole is should the summary be too long. */
  readonly detailsUrl: string
}

const CREATE = 'POST /repos/{owner}/{repo}/check-runs'
const UPDATE = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'

/** Annotations of one request. */
const ANNOTATIONS = 50
const LONGEST_MESSAGE = 16_000 // characters, of at most four bytes each, in 64 KB
const LONGEST_TITLE = 255

/** Sets a check run that is completed. Gives its id. @throws GitHubError */
export async function writeCheck(github: GitHub, check: Check): Promise<number> {
  const annotations = check.annotations.map(toGitHub)
  const output = {
    title: check.title.slice(0, LONGEST_TITLE),
    summary: cutMarkdown(check.summary, { limit: LIMITS.check, wholeAt: check.detailsUrl }),
  }
  const { data } = await github.ask('set the check run', CREATE, {
    name: check.name,
    head_sha: check.commit,
    status: 'completed',
    conclusion: check.conclusion,
    ...(check.detailsUrl === '' ? {} : { details_url: check.detailsUrl }),
    output: { ...output, annotations: annotations.slice(0, ANNOTATIONS) },
  })
  const { id } = z.object({ id: z.number() }).parse(data)
  for (let start = ANNOTATIONS; start < annotations.length; start += ANNOTATIONS) {
    const more = annotations.slice(start, start + ANNOTATIONS)
    const asked = { check_run_id: id, output: { ...output, annotations: more } }
    await github.ask('add annotations to the check run', UPDATE, asked)
  }
  return id
}

function toGitHub({ path, line, level, title, message }: Annotation) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: title.slice(0, LONGEST_TITLE),
    message: message.slice(0, LONGEST_MESSAGE),
  }
}
