import { createHash } from 'node:crypto'
import type { Images } from '../../batches/batches.ts'
import { writeFileAtomically } from '../../core/files.ts'
import { bundle } from '../../report/bundle.ts'
import { Html, html, scriptJson } from '../../report/write-html.ts'
import { pluralize } from '../../scores/format.ts'
import type { Configuration } from '../../train/params.ts'
import type { Finding } from '../findings.ts'
import { type AuditData, type AuditSection, auditData, type SectionName } from './data.ts'

interface PageOptions {
  readonly findings: readonly Finding[]
  readonly classes: readonly string[]
  readonly folds: number
  readonly configuration: Pick<Configuration, 'name' | 'entry'>
  /** The images as fetch decoded them. */
  readonly squares: Images
}

/** Writes the page of an audit: one file that loads nothing, the same bytes for the same findings. */
export async function writePage(path: string, { findings, classes, squares, ...about }: PageOptions): Promise<void> {
  const data = await auditData(findings, { classes, squares })
  const script = await bundle(new URL('./client/main.ts', import.meta.url), { format: 'iife' })
  const style = await bundle(new URL('./page.css', import.meta.url))
  const images = findings.filter(({ set }) => set === 'train').length
  await writeFileAtomically(path, pageHtml(data, { ...about, images, script, style }))
}

const SECTIONS: Readonly<
  Record<SectionName, { readonly title: string; readonly text: string; readonly none: string }>
> = {
  duplicates: {
    title: 'One photograph twice',
    text: 'Copies of one photograph under two labels, or in training and in the test set. Where that is certain, split stops until one of them is relabelled or excluded.',
    none: 'No photograph has two labels or is in both sets.',
  },
  labels: {
    title: 'Labels that are probably wrong',
    text: 'Another class is likelier than the given label, the least likely label first. Some of these are only hard images: keep them.',
    none: 'No class is likelier than a given label.',
  },
  outliers: {
    title: 'Outliers',
    text: 'The images that are farthest from all others, at most one in a hundred. Exclude what shows none of the classes.',
    none: 'No image is far from the others. It takes a hundred images to tell.',
  },
  test: {
    title: 'Test images',
    text: 'They are frozen, so nothing is decided here. If a label is wrong, move the file in data/test/, run npm run add, then npm run accept-test-set: results from then on are on another test set.',
    none: 'Nothing is odd about the test images.',
  },
}

interface PageParts extends Pick<PageOptions, 'folds' | 'configuration'> {
  readonly images: number
  readonly script: string
  readonly style: string
}

/** The page. Its policy allows this one script and no other, images that are in the page, and no connection. */
function pageHtml(data: AuditData, { folds, configuration, images, script, style }: PageParts): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Audit of the labels</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the images</a>
<header>
<h1>Audit of the labels</h1>
<p>${pluralize(images, 'labelled image')}, each judged by a head that was trained on the others (${folds} folds), on the pretrained features of <code>${configuration.name}</code> (${configuration.entry.architecture}).</p>
<p class="quiet">Decide with the buttons, or with keys on an image: <kbd>K</kbd> keeps it, <kbd>R</kbd> relabels it, <kbd>X</kbd> excludes it, <kbd>N</kbd> and <kbd>P</kbd> go to the next and the previous image. This browser remembers what you decided. Save the decisions to a file, then carry them out:</p>
<p><code>npm run add -- --apply decisions.json</code></p>
</header>
<main id="main" tabindex="-1">
<div class="bar" role="region" aria-label="Decisions">
<p id="decided" role="status"></p>
<button type="button" id="save">Save decisions</button>
<button type="button" id="clear" class="plain">Clear</button>
</div>
<noscript><p>Deciding needs JavaScript, which is switched off here; audit.csv beside this page lists the images.</p></noscript>
${data.sections.map(sectionHtml)}
</main>
<footer><small>Style by Pico, © Pico CSS, MIT.</small></footer>
<script type="application/json" id="page-data">${scriptJson(data)}</script>
<script>${new Html(script)}</script>
</body>
</html>
`.text
}

function sectionHtml({ name, groups, leftOut }: AuditSection): Html {
  const { title, text, none } = SECTIONS[name]
  const count = groups.length > 0 ? ` (${groups.length + leftOut})` : ''
  return html`<section id="${name}" aria-labelledby="${name}-title"><h2 id="${name}-title">${title}${count}</h2>
<p>${groups.length > 0 ? text : none}</p>
${leftOut > 0 ? html`<p>The first ${groups.length} are here; audit.csv beside this page lists all.</p>` : ''}
<div id="${name}-images"></div></section>
`
}
