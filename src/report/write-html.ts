import { unbroken } from '../scores/format.ts'
import {
  type Block,
  type Cell,
  type Inline,
  inlines,
  isValued,
  type Section,
  type Table,
  type Text,
} from './document.ts'

/** Markup that needs no escaping. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | readonly Html[]

/** A template of HTML: values are escaped, in text and in quoted attributes, unless they are `Html`. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(texts.reduce((before, text, place) => before + markup(values[place - 1] ?? '') + text))
}

/** JSON for a script element, whatever its strings hold. */
export function scriptJson(value: unknown): Html {
  const text = JSON.stringify(value).replaceAll('<', '\\u003c')
  return new Html(text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'))
}

/** Writes blocks as HTML; `plots` are the SVG files by name, which stand in the page. */
export function blocksHtml(blocks: readonly Block[], plots: Readonly<Record<string, string>>): Html[] {
  return blocks.map((block) => blockHtml(block, plots))
}

export function sectionHtml({ id, title, blocks }: Section, plots: Readonly<Record<string, string>>): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title" tabindex="-1"><h2 id="${id}-title">${textHtml(title)}</h2>
${blocksHtml(blocks, plots)}</section>`
}

/** A text; what stands before a percent sign stays on its line. */
export function textHtml(text: Text): Html[] {
  return inlines(text).map(inlineHtml)
}

function blockHtml(block: Block, plots: Readonly<Record<string, string>>): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h3>${textHtml(block.text)}</h3>\n`
    case 'paragraph':
      return html`<p>${textHtml(block.text)}</p>\n`
    case 'list':
      return html`<ul>${block.items.map((item) => html`<li>${textHtml(item)}</li>`)}</ul>\n`
    case 'table':
      return tableHtml(block)
    case 'figure':
      return html`<div class="scroll" role="img" aria-label="${block.alt}">${new Html(plots[block.plot] ?? '')}</div>\n`
    case 'view':
      return html`<p class="quiet">${block.hint}</p><div id="${block.view}-view"></div><noscript>${blocksHtml(block.instead, plots)}</noscript>\n`
    case 'image':
      return html`<div class="scroll" role="region" tabindex="0" aria-label="${block.alt}"><img src="${block.uri}" width="${block.width}" height="${block.height}" decoding="async" alt="${block.alt}"></div>\n`
  }
}

function tableHtml({ caption, header, rows, words, sortable }: Table): Html {
  const kind = (column: number) => (words.includes(column) ? '' : html` class="number"`)
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${caption}"><table${sortable ? html` data-sortable` : ''}>
<thead><tr>${header.map((title, column) => html`<th scope="col"${kind(column)}>${textHtml(title)}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...cells]) => html`
<tr><th scope="row"${sortValue(first)}>${cellHtml(first)}</th>${cells.map(
      (cell, column) => html`<td${kind(column + 1)}${sortValue(cell)}>${cellHtml(cell)}</td>`,
    )}</tr>`,
  )}</tbody></table></div>\n`
}

/** A cell; of a number with notes in brackets, the notes stand below it. */
function cellHtml(cell: Cell): Html {
  const text = isValued(cell) ? cell.text : cell
  const [, figure, notes] = (typeof text === 'string' && /^([\d.]+(?: %)?) \((.*)\)$/.exec(text)) || []
  if (figure === undefined || notes === undefined) return html`${textHtml(text)}`
  return html`${inlineHtml(figure)} ${notes.split(', ').map((note) => html`<small>${unbroken(note)}</small> `)}`
}

function sortValue(cell: Cell): Html | '' {
  return isValued(cell) ? html` data-value="${cell.value}"` : ''
}

/** The page is in artifacts/report/. */
const RESULTS = '../../results/'

function inlineHtml(piece: Inline): Html {
  if (typeof piece === 'string') return html`${unbroken(piece)}`
  if ('code' in piece) return html`<code>${piece.code}</code>`
  if ('strong' in piece) return html`<strong>${unbroken(piece.strong)}</strong>`
  return html`<a href="${RESULTS}${piece.to}">${piece.link}</a>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function markup(value: Value): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
  }
  return value.map(({ text }) => text).join('')
}
