import { oneLine } from '../core/markdown.ts'

/** A piece of a sentence: plain text, or text that is code, bold or a link. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  /** `to` is relative to results/. */
  | { readonly link: string; readonly to: string }

/** A sentence or more on one line. */
export type Text = Inline | readonly Inline[]

/** What a table holds; `value` is what the cell is sorted by, where that is not its text. */
export type Cell = Text | { readonly text: Text; readonly value: number | string }

export interface Table {
  readonly kind: 'table'
  /** What a screen reader calls the table. */
  readonly caption: string
  readonly header: readonly Text[]
  readonly rows: readonly (readonly Cell[])[]
  /** Columns of words; the others hold numbers, which stand at the right. */
  readonly words: readonly number[]
  /** Whether a reader of the page may sort it by a column. */
  readonly sortable: boolean
}

/** One block of a report, whichever format it is written in. */
export type Block =
  | { readonly kind: 'heading' | 'paragraph'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  /** A plot of results/plots. */
  | { readonly kind: 'figure'; readonly plot: string; readonly alt: string }
  | Table
  /** A place that the page's program fills, with a hint how to use it; `instead` is what other readers get. */
  | { readonly kind: 'view'; readonly view: View; readonly hint: string; readonly instead: readonly Block[] }
  /** A large image that the page alone shows. */
  | {
      readonly kind: 'image'
      readonly uri: string
      readonly width: number
      readonly height: number
      readonly alt: string
    }

/** The interactive parts of the page. */
export type View = 'curves' | 'calibration' | 'confusion' | 'mistakes' | 'labels' | 'duplicates'

/** A part of a report under a heading of its own. */
export interface Section {
  /** Of its place in the page. */
  readonly id: string
  readonly title: Text
  /** What the page's navigation calls it; without one it is not in there. */
  readonly short?: string
  /** Left out of Markdown. */
  readonly pageOnly?: true
  readonly blocks: readonly Block[]
}

/** A sentence with values in it: `` text`the best of ${2} is ${code('a')}` ``. */
export function text(strings: TemplateStringsArray, ...values: readonly (Text | number)[]): Inline[] {
  return strings.flatMap((string, place) => {
    const value = values[place - 1] ?? ''
    return [...inlines(typeof value === 'number' ? String(value) : value), string].filter((each) => each !== '')
  })
}

export function inlines(text: Text): readonly Inline[] {
  return Array.isArray(text) ? text : [text as Inline]
}

/** Texts with something between them. */
export function joined(texts: readonly Text[], separator = ', '): Inline[] {
  return texts.flatMap((each, place) => [...(place > 0 ? [separator] : []), ...inlines(each)])
}

export function isValued(cell: Cell): cell is Extract<Cell, { readonly value: unknown }> {
  return typeof cell === 'object' && 'value' in cell
}

/** A table, whose first column alone holds words unless `words` says otherwise. */
export function table(
  caption: string,
  header: readonly Text[],
  rows: readonly (readonly Cell[])[],
  { words = [0], sortable = false }: Partial<Pick<Table, 'words' | 'sortable'>> = {},
): Table {
  return { kind: 'table', caption, header, rows, words, sortable }
}

export const code = (text: string): Inline => ({ code: text })
export const strong = (text: string): Inline => ({ strong: text })
export const link = (text: string, to: string): Inline => ({ link: text, to })

export const section = (head: Omit<Section, 'blocks'>, blocks: readonly Block[]): Section => ({ ...head, blocks })
export const heading = (text: Text): Block => ({ kind: 'heading', text })
export const paragraph = (text: Text): Block => ({ kind: 'paragraph', text })
export const list = (items: readonly Text[]): Block => ({ kind: 'list', items })
export const figure = (plot: string, alt: string): Block => ({ kind: 'figure', plot, alt })
export function view(view: View, hint: string, instead: readonly Block[] = []): Block {
  return { kind: 'view', view, hint, instead }
}

/** No name holds it: a private character of Unicode. */
const MARK = '\uE000'

/** A sentence written elsewhere, with names and what is in backticks as code; `write` is given the function that quotes a name. */
export function withNames(write: (quote: (name: string) => string) => string): Inline[] {
  const pieces = write((name) => MARK + oneLine(name).replaceAll(MARK, '') + MARK).split(MARK)
  const everySecond = (texts: readonly string[]): Inline[] =>
    texts.map((each, at) => (at % 2 === 1 ? code(each) : each))
  return everySecond(pieces)
    .flatMap((piece) => (typeof piece === 'string' ? everySecond(piece.split('`')) : [piece]))
    .filter((piece) => piece !== '')
}
