/** The page's program: shows the images of an audit, keeps what is decided about them, and saves it to a file. */
import { byId, h } from '../../../report/page/client/dom.ts'
import { pluralize } from '../../../scores/format.ts'
import type { AuditData } from '../data.ts'
import { type Card, decisionCard, testCard } from './card.ts'
import { decisionsFile, openDecisions } from './decisions.ts'

const data = JSON.parse(byId('page-data').textContent ?? '') as AuditData
const decisions = openDecisions()
const [status, save, clear] = [byId('decided'), byId('save'), byId('clear')]
const labelled = data.images.filter(({ set }) => set === 'train')
const cards: Card[] = []

for (const { name, groups } of data.sections) {
  const place = byId(`${name}-images`)
  const grids = name === 'duplicates' ? groups : [groups.flat()]
  place.append(
    ...grids.filter(({ length }) => length > 0).map((group) => h('div', { class: 'cards' }, ...group.map(show))),
  )
}
showDecided()

save.addEventListener('click', () => {
  const file = new Blob([decisionsFile(labelled, decisions)], { type: 'application/json' })
  const link = h('a', { href: URL.createObjectURL(file), download: 'decisions.json' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // once the browser has saved it
})
clear.addEventListener('click', () => {
  if (!confirm('Take back all decisions on this page?')) return
  for (const image of labelled) decisions.set(image, undefined)
  for (const { update } of cards) update()
  showDecided()
})

function show(place: number): HTMLElement {
  const image = data.images[place]
  if (!image) throw new Error(`the page has no image ${place}`)
  if (image.set === 'test') return testCard(image)
  const card = decisionCard(image, { classes: data.classes, decisions, onDecided: showDecided, onMove: moveFocus })
  cards.push(card)
  return card.element
}

function moveFocus(from: HTMLElement, by: 1 | -1): void {
  const place = cards.findIndex(({ element }) => element === from)
  cards[place + by]?.element.focus()
}

function showDecided(): void {
  const made = labelled.flatMap((image) => decisions.of(image)?.decision ?? [])
  const count = (decision: string) => made.filter((each) => each === decision).length
  const words = `${made.length} of ${pluralize(labelled.length, 'image')} decided: keep ${count('keep')}, relabel ${count('relabel')}, exclude ${count('exclude')}.`
  status.textContent = decisions.isKept
    ? words
    : `${words} This browser does not remember decisions: save before you leave.`
  for (const button of [save, clear]) button.toggleAttribute('disabled', made.length === 0)
}
