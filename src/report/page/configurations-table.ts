import { type Html, html } from './html.ts'

/** One line of the table of configurations. */
export interface ConfigurationRow {
  readonly name: string
  readonly chosen: boolean
  /** What each column says, and the number that it is sorted by; NaN goes last. */
  readonly cells: readonly { readonly text: string; readonly value: number }[]
  /** What is to be known of its training. */
  readonly notes: string
}

/** The columns after the first, which is the configuration. */
export const COLUMNS = ['Validation', 'Holdout', 'Test', 'F1', 'Calibration error', 'Parameters', 'Epochs'] as const

/**
 * The table of configurations, the best first; the page's script makes its headers sort.
 *
 * The roles are those that the elements have anyway: a phone shows each line as a block, which would take them away.
 */
export function configurationsTable(rows: readonly ConfigurationRow[]): Html {
  return html`<div id="configurations-sort"></div>
<table role="table" class="stack" id="configurations-table">
<caption class="hidden">Configurations and their scores</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Configuration</th>${COLUMNS.map(
    (name) => html`<th role="columnheader" scope="col" class="number">${name}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(row)}</tbody>
</table>`
}

function row({ name, chosen, cells, notes }: ConfigurationRow): Html {
  return html`
<tr role="row"${chosen ? html` class="chosen"` : ''}><th role="rowheader" scope="row" data-value="${name}"><span class="name">${name}</span>${chosen ? html` <span class="tag">chosen</span>` : ''}<small>${notes}</small></th>${cells.map(
    ({ text, value }, place) =>
      html`<td role="cell" class="number" data-label="${COLUMNS[place] ?? ''}" data-value="${value}">${withBreak(text)}</td>`,
  )}</tr>`
}

/** What stands in brackets goes below the figure that it belongs to: counts, and below them the interval. */
function withBreak(text: string): Html {
  const [, figure = text, notes] = /^(.*?) \((.*)\)$/.exec(text) ?? []
  const lines = notes?.split(', ') ?? []
  return html`${figure}${lines.map((line) => html` <small>${line}</small>`)}`
}
