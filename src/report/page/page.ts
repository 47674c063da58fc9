import { readFile } from 'node:fs/promises'
import type { Params } from '../../command-line/params.ts'
import { readCsv } from '../../core/csv.ts'
import { writeFileAtomically } from '../../core/files.ts'
import { PARTS, paths } from '../../core/paths.ts'
import { rankConfigurations, type Verdict } from '../../gate/gate.ts'
import { reencodeAsWebp } from '../../images/encode.ts'
import { type HeatMaps, readHeatMaps } from '../../scores/heat-maps.ts'
import { metricsOf } from '../../scores/results.ts'
import { selectConfiguration } from '../../train/params.ts'
import type { Evaluated } from '../evaluations.ts'
import { type Candidate, labelCandidates } from '../label-trouble.ts'
import { bundleClient } from './bundle.ts'
import { curvesChart, reliabilityChart } from './charts.ts'
import { type ChosenImage, chooseImages, wholeGroups } from './choose-images.ts'
import { CURVE_SCORES, type PageData } from './data.ts'
import { pageDocument } from './document.ts'
import { readNearDuplicates } from './near-duplicates.ts'
import { type PageContent, pageData } from './page-data.ts'
import { configurationRows, verdictText } from './page-text.ts'
import { readRuns } from './runs.ts'
import { dataUri, readThumbnails } from './thumbnails.ts'

type Evaluations = Readonly<Record<string, Evaluated>>

/**
 * Writes artifacts/report/index.html: the results to look at, one file without network; the same artifacts give the same bytes.
 *
 * @throws DataError when an image, heat map or record of a training is missing.
 */
export async function writePage(evaluations: Evaluations, verdict: Verdict, params: Params): Promise<void> {
  const names = rankConfigurations(metricsOf(evaluations))
  const predictions = Object.fromEntries(Object.entries(evaluations).map(([name, each]) => [name, each.predictions]))
  const found = await readNearDuplicates(paths.groups)
  const duplicates = wholeGroups(await findImages(found ?? []))
  const images = chooseImages(predictions, { chosen: verdict.chosen, duplicates: duplicates.flat() })
  const [thumbnails, heat, runs, contactSheet, charts, client] = await Promise.all([
    readThumbnails(images),
    readHeat(names),
    readRuns(names),
    readContactSheet(),
    drawCharts(names),
    bundleClient(),
  ])
  const { chosen = '' } = verdict
  const classes = evaluations[chosen]?.confusion.validation.classes ?? []
  const trouble = byReason(labelCandidates(predictions, { chosen, classes }))
  const nearDuplicates = duplicates.map((group) => group.map(({ id }) => id))
  const data = pageData({ evaluations, heat, images, thumbnails, trouble, nearDuplicates, charts })
  const text = {
    title: params.report.title,
    verdict: verdictText(evaluations, verdict, params.gate),
    configurations: configurationRows(evaluations, verdict, (name) => selectConfiguration(params, name).train),
    runs,
    contactSheet,
    searchedDuplicates: found !== undefined,
    duplicateGroups: found?.length ?? 0,
  }
  await writeFileAtomically(paths.page, pageDocument(text, data, client))
}

function byReason(candidates: readonly Candidate[]): PageContent['trouble'] {
  const idsBut = (other: Candidate['reason']) => candidates.filter(({ reason }) => reason !== other).map(({ id }) => id)
  return { sureButWrong: idsBut('everyone'), wrongForAll: idsBut('sure') }
}

async function readHeat(names: readonly string[]): Promise<Record<string, HeatMaps>> {
  const entries = names.map(async (name) => [name, await readHeatMaps(paths.heatMaps(name))] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function readContactSheet() {
  const { webp, width, height } = await reencodeAsWebp(await readFile(paths.contactSheet))
  return { uri: dataUri(webp), width, height }
}

async function drawCharts(names: readonly string[]): Promise<PageData['charts']> {
  const curves = CURVE_SCORES.map(async (score) => [score, await curvesChart(score, names)] as const)
  return {
    curves: Object.fromEntries(await Promise.all(curves)) as PageData['charts']['curves'],
    reliability: await reliabilityChart(),
  }
}

/** Part and label of the images of each group, from what augment packed. */
async function findImages(groups: readonly (readonly string[])[]): Promise<ChosenImage[][]> {
  if (groups.length === 0) return []
  const known = new Map<string, ChosenImage>()
  for (const part of PARTS) {
    for (const { id, label } of await readCsv(paths.packedIndex(part), ['id', 'label']))
      known.set(id, { id, part, label })
  }
  const packed = groups.map((group) => group.flatMap((id) => known.get(id) ?? [])) // what is excluded was not packed
  return packed.filter((group) => group.length > 1)
}
