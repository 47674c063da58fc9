import { byId, choice, h } from './dom.ts'

/** Makes the headers of the table of configurations sort it; a phone, which shows no headers, gets a choice. */
export function makeSortable(): void {
  const table = byId('configurations-table') as HTMLTableElement
  const headers = [...table.querySelectorAll<HTMLTableCellElement>('thead th')]
  const names = headers.map((header) => header.textContent ?? '')
  const status = h('p', { class: 'hidden', role: 'status' })
  const sort = (column: number, descending: boolean): void => {
    const body = table.tBodies[0]
    body?.append(...inOrder([...body.rows], column, descending))
    headers.forEach((header, place) => {
      if (place === column) header.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      else header.removeAttribute('aria-sort')
    })
    status.textContent = `Sorted by ${names[column]}, ${descending ? 'greatest' : 'least'} first.`
  }
  headers.forEach((header, column) => {
    const onclick = (): void => {
      const now = header.getAttribute('aria-sort')
      sort(column, now === null ? column > 0 : now === 'ascending')
    }
    header.replaceChildren(
      h(
        'button',
        { type: 'button', onclick },
        names[column] ?? '',
        h('span', { class: 'arrow', 'aria-hidden': 'true' }),
      ),
    )
  })
  const options = ['Best first', ...names.slice(1)]
  const onChoose = (place: number): void => sort(Math.max(1, place), place <= 4 || place === 6)
  byId('configurations-sort').append(h('div', { class: 'phone-only' }, choice('Sort by', options, onChoose)), status)
}

/** Lines in the order of a column, numbers by value and NaN last; equal ones stay as they stand. */
export function inOrder<Row extends Pick<HTMLTableRowElement, 'cells'>>(
  rows: readonly Row[],
  column: number,
  descending: boolean,
): Row[] {
  const keyOf = (row: Row): string => row.cells[column]?.dataset.value ?? ''
  const compare = (a: string, b: string): number => {
    const [left, right] = [Number(a), Number(b)]
    if (column === 0) return (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1)
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
    return descending ? right - left : left - right
  }
  return [...rows].sort((a, b) => compare(keyOf(a), keyOf(b)))
}
