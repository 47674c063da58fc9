import { compareNames } from '../../../core/names.ts'
import { h } from './dom.ts'

export function makeSortable(table: HTMLTableElement): void {
  const headers = [...table.querySelectorAll<HTMLTableCellElement>('thead th')]
  const status = h('p', { class: 'hidden', role: 'status' })
  for (const [column, header] of headers.entries()) {
    const name = header.textContent ?? ''
    const onclick = (): void => {
      const now = header.getAttribute('aria-sort')
      const descending = now === null ? column > 0 : now === 'ascending' // names rise at first, numbers fall
      const [body] = table.tBodies
      body?.append(...inOrder([...body.rows], column, descending))
      for (const other of headers) other.removeAttribute('aria-sort')
      header.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      status.textContent = `Sorted by ${name}, ${descending ? 'largest' : 'smallest'} first.`
    }
    header.replaceChildren(h('button', { type: 'button', class: 'sort', onclick }, name))
  }
  table.after(status)
}

/** Rows in the order of a column, numbers by value and NaN last; equal ones keep their order. */
export function inOrder<Row extends Pick<HTMLTableRowElement, 'cells'>>(
  rows: readonly Row[],
  column: number,
  descending: boolean,
): Row[] {
  const keyOf = (row: Row): string => row.cells[column]?.dataset.value ?? ''
  const compare = (a: string, b: string): number => {
    const [left, right] = [Number(a), Number(b)]
    if (column === 0) return compareNames(a, b) * (descending ? -1 : 1)
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
    return descending ? right - left : left - right
  }
  return [...rows].sort((a, b) => compare(keyOf(a), keyOf(b)))
}
