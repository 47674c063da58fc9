import { randomUUID } from 'node:crypto'
import { appendFile, stat } from 'node:fs/promises'
import type { Annotation } from './check.ts'
import { bytesOf, cutMarkdown, LIMITS } from './cut.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Adds Markdown to the summary of the step, as far as GitHub shows it; nothing where no workflow runs.
 *
 * @param wholeAt where the whole is, should it be too long
 */
export async function appendSummary(
  markdown: string,
  wholeAt: string,
  environment: Environment = process.env,
): Promise<void> {
  const path = environment.GITHUB_STEP_SUMMARY
  if (!path) return
  const used = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  const limit = LIMITS.summaryBytes - used - 1
  if (limit < 1000) return // GitHub would show none of it
  await appendFile(path, `${cutMarkdown(markdown, { limit, sizeOf: bytesOf, wholeAt })}\n`)
}

/** Sets outputs of the step, whatever stands in the values; nothing where no workflow runs. */
export async function writeOutputs(
  outputs: Readonly<Record<string, string | number | boolean>>,
  environment: Environment = process.env,
): Promise<void> {
  const path = environment.GITHUB_OUTPUT
  if (!path) return
  const lines = Object.entries(outputs).map(([name, value]) => {
    const end = `end-${randomUUID()}` // nobody can write it into a value beforehand
    return `${name}<<${end}\n${value}\n${end}\n`
  })
  await appendFile(path, lines.join(''))
}

/** The line of a log that makes an annotation, where there is no token for a check run. */
export function annotationCommand({ path, line, level, title, message }: Annotation): string {
  const kind = level === 'failure' ? 'error' : level
  return `::${kind} file=${property(path)},line=${line},title=${property(title)}::${data(message)}`
}

/** Source: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
