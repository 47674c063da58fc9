import { createHash } from 'node:crypto'
import { pluralize } from '../../scores/format.ts'
import { type ConfigurationRow, configurationsTable } from './configurations-table.ts'
import type { PageData } from './data.ts'
import { type Html, html, Html as Markup, scriptJson } from './html.ts'
import type { Run } from './runs.ts'
import { runsTable } from './runs-table.ts'
import { type Verdict, verdictHeader } from './verdict-header.ts'

/** What the page says that its script does not make. */
export interface PageText {
  readonly title: string
  readonly verdict: Verdict
  readonly configurations: readonly ConfigurationRow[]
  readonly runs: readonly Run[]
  /** The contact sheet of the augmentation, as a data URI. */
  readonly contactSheet: { readonly uri: string; readonly width: number; readonly height: number }
  /** False where nobody looked for near duplicates. */
  readonly searchedDuplicates: boolean
  /** Groups of near duplicates that were found, of which the page may show fewer. */
  readonly duplicateGroups: number
}

/** The page's program, as `bundleClient` makes it. */
export interface Client {
  readonly script: string
  readonly style: string
}

/** The sections, in their order: where a link leads, what it says. */
const SECTIONS = [
  ['configurations', 'Configurations'],
  ['curves', 'Curves'],
  ['confusion', 'Confusion'],
  ['mistakes', 'Mistakes'],
  ['calibration', 'Calibration'],
  ['labels', 'Labels'],
  ['augmentation', 'Augmentation'],
  ['durations', 'Durations'],
] as const

/**
 * The whole page, one file that loads nothing.
 *
 * Its policy allows this one script and no other, images that stand in the page, and no connection; so a name that is
 * markup could do nothing even where it was not escaped.
 */
export function pageDocument(text: PageText, data: PageData, { script, style }: Client): string {
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text.title}: results</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${verdictHeader(text.title, text.verdict)}
<nav aria-label="Sections"><ul>${SECTIONS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main" tabindex="-1">
<noscript><p class="note">Curves, confusion matrix and images need JavaScript, which is switched off here. The tables are whole.</p></noscript>
${section(
  'configurations',
  'Configurations',
  html`
<p class="lead">How many images are right of how many, and the exact 95 % interval in percent. Validation chose the epoch and the configuration, so it flatters; holdout chose nothing; the test images are a set of their own, which the gate asks about.</p>
${configurationsTable(text.configurations)}`,
)}
${section(
  'curves',
  'Learning curves',
  html`
<p class="lead">Solid lines are validation, dotted ones training; a ring marks the epoch whose weights are kept.</p>
<div id="curves-view"></div>`,
)}
${section(
  'confusion',
  'Confusion matrix',
  html`
<p class="lead">A row is what the image shows, a column what it was taken for. A number opens the images behind it.</p>
<div id="confusion-view"></div>`,
)}
${section(
  'mistakes',
  'Every wrong image',
  html`
<p class="lead">Beside each image stands what the network looked at (Grad-CAM): what speaks for its answer, and what speaks for the label. Each map is scaled by its own greatest value; a map without colour found nothing. Probabilities are calibrated.</p>
<div id="mistakes-view"></div>`,
)}
${section(
  'calibration',
  'Calibration',
  html`
<p class="lead">Of the answers given with 80 %, are 80 % right? On the dashed line they are. A point is a bin of answers, larger the more there are; its bar is the exact 95 % interval.</p>
<div id="calibration-view"></div>`,
)}
${section(
  'labels',
  'Labels worth a look',
  html`
<p class="lead">Candidates for relabelling. Nothing is dropped for standing here: look, and mend what is wrong in the data.</p>
<div id="labels-view"></div>
<h3>Near duplicates</h3>
<p>${duplicatesText(text, data.nearDuplicates.length)}</p>
<div id="duplicates-view"></div>`,
)}
${section(
  'augmentation',
  'Augmentation',
  html`
<p class="lead">Training images of each class, each plain and then in its variants, as training sees them.</p>
<div class="scroll sheet" role="region" tabindex="0" aria-label="Contact sheet"><img src="${text.contactSheet.uri}" width="${text.contactSheet.width}" height="${text.contactSheet.height}" decoding="async" alt="Rows of training images by class, each followed by its transformed variants."></div>`,
)}
${section(
  'durations',
  'Durations',
  html`
<p class="lead">Of the trainings that made these weights, on the machine that ran them.</p>
${runsTable(text.runs)}`,
)}
</main>
<footer>
<p><code>npm run repro</code> makes all of this again. <code>npm run demo</code> opens the chosen model in the browser, for photographs of your own. The tables as text: <code>results/README.md</code>.</p>
<p>Charts by Vega, © University of Washington Interactive Data Lab and Vega contributors, BSD-3-Clause.</p>
</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`.text
}

function section(id: string, title: string, content: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title" tabindex="-1"><h2 id="${id}-title">${title}</h2>${content}</section>`
}

function duplicatesText({ searchedDuplicates, duplicateGroups }: PageText, shown: number): string {
  if (!searchedDuplicates) return 'Nobody looked for near duplicates in this run.'
  if (duplicateGroups === 0) return 'No two images are nearly the same.'
  const some = shown < duplicateGroups ? ` ${shown} of them are shown.` : ''
  return `${pluralize(duplicateGroups, 'group')} of images that are nearly the same; each stays on one side of the split.${some}`
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`
}
