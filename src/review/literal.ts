import { oneLine } from '../core/markdown.ts'

/** Longer text is cut. */
const MAX_LENGTH = 200

/** Inside backticks everything is literal, except that `|` still ends a table cell. */
const FITS_BACKTICKS = /^[^`|]+$/

/**
 * Text by the author of a pull request as Markdown code without any effect, in a table, a comment or a summary.
 *
 * Plain text goes between backticks. Text with a backtick or `|` becomes HTML with one numeric character reference per character:
 * nothing that GitHub reacts to (mentions, links, tables, tags, formulas) begins with one. Characters that hide or reorder text are
 * shown as �.
 */
export function literal(text: string): string {
  const visible = oneLine(text)
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\uFFFD')
    .trim()
  const characters = [...visible]
  const short = characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH).join('')}…` : visible
  if (FITS_BACKTICKS.test(short)) return `\`${short}\``
  if (short === '') return '<code>&nbsp;</code>'
  const encoded = [...short].map((character) =>
    /[\p{L}\p{N} ]/u.test(character) ? character : `&#${character.codePointAt(0)};`,
  )
  return `<code>${encoded.join('')}</code>`
}

/** The same for a log: one line, without anything that a runner reads as a workflow command. */
export function logLine(text: string): string {
  return oneLine(text)
    .replace(/[\p{Cf}\p{Cs}]/gu, '\uFFFD')
    .replace(/##\[/g, '## [')
    .replace(/::/g, ': :')
}
