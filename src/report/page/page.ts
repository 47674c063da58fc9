import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { TopLevelSpec } from 'vega-lite'
import { readCsv } from '../../core/csv.ts'
import { writeFileAtomically } from '../../core/files.ts'
import { recordByName } from '../../core/names.ts'
import { PARTS, paths } from '../../core/paths.ts'
import { MAX_CLASSES } from '../../images/contact-sheet.ts'
import { reencodeAsWebp } from '../../images/encode.ts'
import { capital, counts, interval, percent, unbroken } from '../../scores/format.ts'
import { readHeatMaps } from '../../scores/heat-maps.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import { bundle } from '../bundle.ts'
import { MATRIX_CLASSES } from '../confusions.ts'
import { curvesChart } from '../curves.ts'
import { paragraph, type Section, section, view } from '../document.ts'
import { type Evaluated, type Evaluations, type ReportInputs, ranked } from '../inputs.ts'
import { COLORS, INK, LINES, PAPER, QUIET, STYLE } from '../panels.ts'
import { reliabilityChart } from '../reliability.ts'
import type { Report } from '../render.ts'
import { classTable, confusionList, confusionTable } from '../sections/confusion.ts'
import { binsTable } from '../sections/probabilities.ts'
import { blocksHtml, Html, html, scriptJson, sectionHtml } from '../write-html.ts'
import { type PageData, pageData } from './data.ts'
import { type ChosenImage, chooseImages, dataUri, readThumbnails, wholeGroups } from './images.ts'

/**
 * Writes artifacts/report/index.html: the report with its images, one file that loads nothing; the same artifacts give the
 * same bytes.
 *
 * @throws DataError when an image or a heat map is missing.
 */
export async function writePage(report: Report, { evaluations, data }: ReportInputs): Promise<void> {
  const names = ranked(evaluations).map(([name]) => name)
  const predictions = recordByName(Object.entries(evaluations).map(([name, each]) => [name, each.predictions]))
  const duplicates = wholeGroups(await findImages(data.nearDuplicates ?? []))
  const images = chooseImages(predictions, { chosen: report.verdict.chosen, duplicates: duplicates.flat() })
  const heat = names.map(async (name) => [name, await readHeatMaps(paths.heatMaps(name))] as const)
  const content = pageData({
    evaluations,
    heat: recordByName(await Promise.all(heat)),
    images,
    thumbnails: await readThumbnails(images),
    candidates: report.candidates.map(({ id }) => id),
    nearDuplicates: {
      groups: duplicates.map((group) => group.map(({ id }) => id)),
      all: data.nearDuplicates?.length ?? 0,
    },
    charts: await compileCharts(names),
  })
  const page = pageHtml(report, evaluations, {
    data: content,
    augmentation: await augmentationSection(data.classes.length),
    script: await bundle(new URL('./client/main.ts', import.meta.url), { format: 'iife' }),
    style: await bundle(new URL('./page.css', import.meta.url)),
  })
  await writeFileAtomically(paths.page, page)
}

const MISTAKES = section({ id: 'mistakes', title: 'Every wrong image', short: 'Mistakes' }, [
  view(
    'mistakes',
    'Beside each image is where the network sees the predicted class and where it sees the label (Grad-CAM). Each map is scaled by its own largest value; a map without colour found nothing. Probabilities are calibrated.',
  ),
])

/**
 * The page. Its policy allows this one script and no other, images that are in the page, and no connection; so a name that
 * is markup could do nothing even if it were not escaped.
 */
function pageHtml(
  { title, lead, verdict, sections, plots }: Report,
  evaluations: Evaluations,
  { data, augmentation, script, style }: { data: PageData; augmentation: Section; script: string; style: string },
): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`
  const themed = recordByName(Object.entries(plots).map(([name, svg]) => [name, withTheme(svg)]))
  const all = sections.flatMap((section) => {
    if (section.id === 'curves') return [section, MISTAKES]
    return section.id === 'data' ? [section, augmentation] : [section]
  })
  const passed = verdict.misses.length === 0
  const linked = all.filter(({ short }) => short !== undefined)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: results</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${title}</h1>
<div class="verdict ${passed ? 'passed' : 'failed'}">${blocksHtml(lead, plots)}</div>
${figuresHtml(evaluations[verdict.chosen ?? ''])}
<nav aria-label="Sections"><ul>${linked.map(({ id, short = '' }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
<noscript><p>Interactive charts and images need JavaScript, which is switched off here.</p></noscript>
${all.map((section) => sectionHtml(section, themed))}
</main>
<footer><small>Charts by Vega, © University of Washington Interactive Data Lab and Vega contributors, BSD-3-Clause. Style by Pico, © Pico CSS, MIT.</small></footer>
${tableTemplates(evaluations)}
<script type="application/json" id="page-data">${scriptJson(data)}</script>
<script>${new Html(script)}</script>
</body>
</html>
`.text
}

function figuresHtml(evaluated: Evaluated | undefined): Html {
  const figures = EVALUATED_PARTS.flatMap((part) => {
    const scores = evaluated?.metrics[part]
    if (!scores || scores.images === 0) return []
    const note = `${counts(scores)} right, 95 % interval ${interval(scores)}`
    return [
      html`<div><dt>${capital(part)}</dt><dd><b>${unbroken(percent(scores.correct / scores.images))}</b> <small>${unbroken(note)}</small></dd></div>`,
    ]
  })
  return html`<dl class="figures">${figures}</dl>`
}

/** Confusions that the page lists where there is no matrix. */
const LISTED_CONFUSIONS = 200

/** The tables that the program shows of the configuration and part that a reader chooses: `<template id="t-KIND-NAME-PART">`. */
function tableTemplates(evaluations: Evaluations): Html[] {
  return Object.entries(evaluations).flatMap(([name, { metrics, confusion, reliability }]) =>
    EVALUATED_PARTS.filter((part) => metrics[part].images > 0).flatMap((part) => {
      const tables = {
        confusion:
          confusion[part].classes.length > MATRIX_CLASSES
            ? confusionList(confusion[part], LISTED_CONFUSIONS)
            : confusionTable(confusion[part]),
        classes: classTable(metrics[part]),
        bins: binsTable(reliability[part]),
      }
      return Object.entries(tables).map(
        ([kind, table]) => html`<template id="t-${kind}-${name}-${part}">${blocksHtml([table], {})}</template>\n`,
      )
    }),
  )
}

/** Colours of the plots as the style sheet has them for light and dark. */
const THEME: Readonly<Record<string, string>> = {
  [PAPER]: 'transparent',
  [INK]: 'var(--pico-color)',
  [QUIET]: 'var(--pico-muted-color)',
  [LINES]: 'var(--pico-muted-border-color)',
  [COLORS.blue]: 'var(--series-1)',
  [COLORS.orange]: 'var(--series-2)',
  [COLORS.green]: 'var(--series-3)',
}
const SERIES = Array.from({ length: 8 }, (_, place) => `var(--series-${place + 1})`)

function withTheme(text: string): string {
  return Object.entries(THEME).reduce(
    (themed, [color, variable]) => themed.replaceAll(`"${color}"`, `"${variable}"`),
    text,
  )
}

async function compileCharts(names: readonly string[]): Promise<PageData['charts']> {
  const { compile } = await import('vega-lite')
  const compiled = (spec: object) => {
    const whole = {
      ...spec,
      width: 600,
      autosize: { type: 'fit-x', contains: 'padding' },
      padding: 4,
      background: 'transparent',
      config: { ...STYLE, font: 'inherit' },
    }
    return JSON.parse(withTheme(JSON.stringify(compile(whole as unknown as TopLevelSpec).spec)))
  }
  return {
    curves: {
      accuracy: compiled(curvesChart('accuracy', names, SERIES)),
      loss: compiled(curvesChart('loss', names, SERIES)),
      macro_f1: compiled(curvesChart('macro_f1', names, SERIES)),
    },
    reliability: compiled(reliabilityChart()),
  }
}

async function augmentationSection(classes: number): Promise<Section> {
  const { webp, width, height } = await reencodeAsWebp(await readFile(paths.contactSheet))
  const alt = 'Rows of training images by class, each followed by its transformed variants'
  const shown = classes > MAX_CLASSES ? `${MAX_CLASSES} of the ${classes} classes` : 'each class'
  return section({ id: 'augmentation', title: 'Augmentation', short: 'Augmentation' }, [
    paragraph(`Training images of ${shown}, each followed by its variants, as training sees them.`),
    { kind: 'image', uri: dataUri(webp), width, height, alt },
  ])
}

/** Part and label of the images of each group, from what augment packed; excluded images were not packed. */
async function findImages(groups: readonly (readonly string[])[]): Promise<ChosenImage[][]> {
  if (groups.length === 0) return []
  const known = new Map<string, ChosenImage>()
  for (const part of PARTS) {
    for (const { id, label } of await readCsv(paths.packedIndex(part), ['id', 'label'])) {
      known.set(id, { id, part, label })
    }
  }
  return groups.map((group) => group.flatMap((id) => known.get(id) ?? [])).filter((group) => group.length > 1)
}
