import { type Html, html } from './html.ts'

/** The verdict in words, and the figures it rests on. */
export interface Verdict {
  readonly passed: boolean
  readonly reason: string
  readonly figures: readonly { readonly name: string; readonly value: string; readonly note: string }[]
}

/** The top of the page: title, verdict and the few figures that matter most. */
export function verdictHeader(title: string, { passed, reason, figures }: Verdict): Html {
  return html`<header class="top">
<p class="eyebrow">Results</p>
<h1>${title}</h1>
<p class="verdict ${passed ? 'passed' : 'failed'}"><strong><span aria-hidden="true">${passed ? '✓' : '✕'}</span> Gate ${passed ? 'passed' : 'failed'}</strong> <span>${reason.replaceAll(' %', '\u00a0%')}</span></p>
<dl class="figures">${figures.map(
    ({ name, value, note }) => html`<div><dt>${name}</dt><dd><b>${value}</b> <span>${note}</span></dd></div>`,
  )}</dl>
</header>`
}
