import { markdownTable } from 'markdown-table'
import { type Finding, holds } from './findings.ts'

/** One line per finding: what, maximum difference and where, bound, verdict. */
export function formatTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.what,
    formatDifference(finding),
    finding.place,
    finding.bound === 0 ? '0' : finding.bound.toExponential(0),
    holds(finding) ? 'holds' : '**missed**',
  ])
  return markdownTable([['what', 'greatest difference', 'where', 'bound', 'verdict'], ...rows])
}

/** Sets the section of this title to the table; a new section is appended. */
export function withSection(text: string, title: string, table: string): string {
  const section = `## ${title}\n\n${table}\n`
  const start = text.indexOf(`## ${title}\n`)
  if (start < 0) return `${text.trimEnd()}\n\n${section}`
  const end = text.indexOf('\n## ', start)
  return text.slice(0, start) + section + (end < 0 ? '' : text.slice(end))
}

function formatDifference({ difference, bound }: Finding): string {
  return bound === 0 ? String(difference) : difference.toExponential(1)
}
