import { oneLine } from '../core/markdown.ts'

/** A name is a name: what is longer is no help to a reader. */
const LONGEST = 200

/** What stands between backticks is as it is, but that a table's cell ends at a bar. */
const PLAIN = /^[^`|]+$/

/**
 * Text of whoever wrote the pull request, as code that stands for nothing but itself: in a table, in a comment, in a summary.
 *
 * Most is put between backticks. What holds anything else is written as HTML with a number for each character, since nothing
 * that GitHub looks for (mentions, links, tables, tags, formulas) begins with one. Marks that turn or hide text show as �.
 */
export function literal(text: string): string {
  const visible = oneLine(text)
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\uFFFD')
    .trim()
  const short = [...visible].length > LONGEST ? `${[...visible].slice(0, LONGEST).join('')}…` : visible
  if (PLAIN.test(short)) return `\`${short}\``
  if (short === '') return '<code>&nbsp;</code>'
  const encoded = [...short].map((character) =>
    /[\p{L}\p{N} ]/u.test(character) ? character : `&#${character.codePointAt(0)};`,
  )
  return `<code>${encoded.join('')}</code>`
}

/** The same for a log or a plain line: on one line, and nothing in it that a runner takes for a command of a workflow. */
export function logLine(text: string): string {
  return oneLine(text)
    .replace(/[\p{Cf}\p{Cs}]/gu, '\uFFFD')
    .replace(/##\[/g, '## [')
    .replace(/::/g, ': :')
}
