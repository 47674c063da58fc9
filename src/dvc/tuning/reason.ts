/** Why a trial has no score, in one line, and whether the training itself said so; otherwise DVC did. */
export interface Reason {
  readonly text: string
  readonly byTraining: boolean
}

/** What a stage says when it cannot go on, and what Node says of a bug. */
const OF_STAGE = /^(?:[a-z]+(?:@[a-z0-9-]+)?: )?(\w*Error: .*)$/
const OF_DVC = /^ERROR: (.*)$/
const LENGTH = 300

/** The reason among the lines that a failed trial printed. */
export function reasonOf(lines: readonly string[]): Reason {
  const ofStage = lastMatch(lines, OF_STAGE)
  const text = ofStage ?? lastMatch(lines, OF_DVC) ?? (lines.at(-1) || 'it said nothing')
  return { text: text.length > LENGTH ? `${text.slice(0, LENGTH)} …` : text, byTraining: ofStage !== undefined }
}

function lastMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).at(-1)
}
