import { copyFile, cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readJson, writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Description } from '../predict/browser/description.ts'
import { readModelDigest } from '../scores/identity.ts'
import { accuracyAtLeast } from '../scores/interval.ts'
import type { Novelty } from '../scores/novelty.ts'
import { readNoveltyIfThere } from '../scores/novelty-files.ts'
import type { CalibratedImage } from '../scores/predictions.ts'
import { bundle } from './bundle.ts'
import type { Evaluated } from './inputs.ts'
import type { ReportParams } from './params.ts'

const SCRIPT = new URL('../predict/browser/demo.ts', import.meta.url)
const PAGE = fileURLToPath(new URL('../predict/browser/page.html', import.meta.url))
const STYLE = fileURLToPath(new URL('../predict/browser/page.css', import.meta.url))
const EMPTY = fileURLToPath(new URL('../predict/browser/empty.html', import.meta.url))

/** What the demo needs of an evaluation. */
type Demonstrated = Pick<Evaluated, 'predictions' | 'calibration'> & {
  readonly metrics: { readonly validation: { readonly independent: number } }
}

/**
 * Writes artifacts/report/demo/, which `npm run demo` serves: the chosen model and a page that runs it. The same model,
 * evaluation and code give the same bytes. Without a chosen configuration the page says so.
 *
 * @throws DataError when the model is missing.
 */
export async function writeDemo(
  chosen: string | undefined,
  evaluations: Readonly<Record<string, Demonstrated>>,
  { report: { title } }: Pick<ReportParams, 'report'>,
): Promise<void> {
  const evaluated = chosen === undefined ? undefined : evaluations[chosen]
  await writeFolderAtomically(paths.demo, async (folder) => {
    if (chosen === undefined || !evaluated) return copyFile(EMPTY, join(folder, 'index.html'))
    const validation = evaluated.predictions.filter(({ part }) => part === 'validation')
    const stored = await readNoveltyIfThere(paths.novelty(chosen), (await readModelDigest(paths.model(chosen))).digest)
    const description: Description = {
      title,
      config: chosen,
      ...(await readCard(paths.model(chosen))),
      temperature: evaluated.calibration.temperature,
      novelty: stored ? withoutRows(stored) : null,
      sure: { share: SURE_SHARE, ...sureness(validation, evaluated.metrics.validation.independent) },
    }
    await copyFile(PAGE, join(folder, 'index.html'))
    await copyFile(STYLE, join(folder, 'demo.css'))
    await writeFile(join(folder, 'demo.json'), `${JSON.stringify(description, null, 2)}\n`)
    await writeFile(join(folder, 'references.bin'), stored?.rows ?? '')
    await writeFile(join(folder, 'demo.js'), await bundle(SCRIPT, { format: 'esm', legalComments: 'eof' }))
    await cp(paths.model(chosen), join(folder, 'model'), { recursive: true, dereference: true })
  })
}

function withoutRows({ rows: _, ...novelty }: Novelty): Omit<Novelty, 'rows'> {
  return novelty
}

const cardSchema = z.object({
  userDefinedMetadata: z.object({
    classes: z.array(z.string()),
    image: z.object({ size: z.int(), fit: z.enum(['cover', 'fill']) }),
  }),
})

/** Classes and image size of the model; read without TensorFlow, which takes longer to load than all the rest. */
async function readCard(folder: string): Promise<Pick<Description, 'classes' | 'image'>> {
  const expected = { what: 'a model', remedy: 'Run `npm run repro`.' }
  return (await readJson(join(folder, 'model.json'), cardSchema, expected)).userDefinedMetadata
}

/** The share of right predictions that a model must reach to count as sure, and the confidence with which it must. */
const SURE_SHARE = 0.95
const CONFIDENCE = 0.95

/** The least number of images that show that share, if all of them are right. */
const SURE_IMAGES = Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(SURE_SHARE))

/**
 * The lowest calibrated probability from which on at least 95 % of the predictions are right, as the images show with 95 %
 * confidence; null if there is none. Meant for validation images, never for those of the test set.
 *
 * Probabilities are tested from high to low, beginning with the quarter of the images that are surest, and the first that fails
 * ends the search, so that the search is wrong in at most 5 of 100 cases (fixed-sequence testing).
 *
 * Source: Angelopoulos et al., Learn then Test, https://arxiv.org/abs/2110.01052
 *
 * @param independent effective number of images (`independentImages`); by default all
 */
export function sureness(
  validation: readonly Pick<CalibratedImage, 'label' | 'prediction' | 'calibrated'>[],
  independent: number = validation.length,
): Pick<Description['sure'], 'from' | 'images' | 'needed'> {
  const images = validation.length
  const share = independent < images ? independent / images : 1
  const needed = Math.ceil(SURE_IMAGES / share)
  const byProbability = Map.groupBy(validation, ({ calibrated }) => Math.max(...calibrated))
  let [count, right] = [0, 0]
  let from: number | null = null
  for (const [probability, equals] of [...byProbability].sort(([a], [b]) => b - a)) {
    count += equals.length
    right += equals.filter(({ label, prediction }) => label === prediction).length
    if (count < Math.max(needed, images / 4)) continue
    if (accuracyAtLeast({ correct: right, images: count, independent: count * share }, CONFIDENCE) < SURE_SHARE) break
    from = probability
  }
  return { from, images, needed }
}
