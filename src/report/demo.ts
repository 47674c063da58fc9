import { copyFile, cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readJson, writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Description } from '../predict/browser/description.ts'
import type { CalibratedImage } from '../scores/predictions.ts'
import { bundle } from './bundle.ts'
import type { Evaluated } from './inputs.ts'
import type { ReportParams } from './params.ts'

const SCRIPT = new URL('../predict/browser/demo.ts', import.meta.url)
const PAGE = fileURLToPath(new URL('../predict/browser/page.html', import.meta.url))
const STYLE = fileURLToPath(new URL('../predict/browser/page.css', import.meta.url))
const EMPTY = fileURLToPath(new URL('../predict/browser/empty.html', import.meta.url))

/**
 * Writes artifacts/report/demo/, which `npm run demo` serves: the chosen model and a page that runs it. The same model,
 * evaluation and code give the same bytes. Without a chosen configuration the page says so.
 *
 * @throws DataError when the model is missing.
 */
export async function writeDemo(
  chosen: string | undefined,
  evaluations: Readonly<Record<string, Pick<Evaluated, 'predictions' | 'calibration'>>>,
  { report: { title } }: Pick<ReportParams, 'report'>,
): Promise<void> {
  const evaluated = chosen === undefined ? undefined : evaluations[chosen]
  await writeFolderAtomically(paths.demo, async (folder) => {
    if (chosen === undefined || !evaluated) return copyFile(EMPTY, join(folder, 'index.html'))
    const validation = evaluated.predictions.filter(({ part }) => part === 'validation')
    const description: Description = {
      title,
      config: chosen,
      ...(await readCard(paths.model(chosen))),
      temperature: evaluated.calibration.temperature,
      sure: { share: SURE_SHARE, from: sureFrom(validation), images: validation.length },
    }
    await copyFile(PAGE, join(folder, 'index.html'))
    await copyFile(STYLE, join(folder, 'demo.css'))
    await writeFile(join(folder, 'demo.json'), `${JSON.stringify(description, null, 2)}\n`)
    await writeFile(join(folder, 'demo.js'), await bundle(SCRIPT, { format: 'esm', legalComments: 'eof' }))
    await cp(paths.model(chosen), join(folder, 'model'), { recursive: true, dereference: true })
  })
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

/** The accuracy that predictions must reach for a model to count as sure. */
const SURE_SHARE = 0.95

/**
 * The calibrated probability from which at least `share` of the predictions are right; null if there is none.
 *
 * The accuracy at a probability comes from isotonic regression: the rising rates closest to the predictions, by pooling
 * neighbours that fall. Meant for validation images, which fitted the temperature too, never for those of the test set.
 *
 * Source: Zadrozny and Elkan, https://doi.org/10.1145/775047.775151 (pool adjacent violators)
 */
export function sureFrom(
  images: readonly Pick<CalibratedImage, 'label' | 'prediction' | 'calibrated'>[],
  share: number = SURE_SHARE,
): number | null {
  const answers = images.map(({ label, prediction, calibrated }) => ({
    from: Math.max(...calibrated),
    count: 1,
    right: label === prediction ? 1 : 0,
  }))
  answers.sort((a, b) => a.from - b.from)
  const blocks: typeof answers = [] // neighbouring probabilities, and how many of their predictions are right
  for (const answer of answers) {
    let block = answer
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      // Images of equal probability count together, and rates must rise.
      if (last.from !== block.from && last.right * block.count < block.right * last.count) break
      blocks.pop()
      block = { from: last.from, count: last.count + block.count, right: last.right + block.right }
    }
    blocks.push(block)
  }
  return blocks.find(({ right, count }) => right / count >= share)?.from ?? null
}
