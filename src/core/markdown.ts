/** Text that Markdown shows literally, in a table too, on one line. */
export function escaped(text: string): string {
  return oneLine(text)
    .replace(/[\\`*[\]<>|&~]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
}

/** Text as inline code, whatever it contains. */
export function code(text: string): string {
  const line = oneLine(text)
  const fence = '`'.repeat(Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length)) + 1)
  const space = fence === '`' ? '' : ' '
  return `${fence}${space}${line}${space}${fence}`
}

/** Text on one line, without control characters, for a log. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
