import { copyFile, cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Description } from '../predict/browser/description.ts'
import { bundle } from './bundle.ts'
import type { Evaluated } from './inputs.ts'
import type { ReportParams } from './params.ts'
import { SURE_SHARE, sureFrom } from './sure.ts'

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
    const description = { title, config: chosen, ...(await readCard(paths.model(chosen))), ...worthOf(evaluated) }
    await copyFile(PAGE, join(folder, 'index.html'))
    await copyFile(STYLE, join(folder, 'demo.css'))
    await writeFile(join(folder, 'demo.json'), `${JSON.stringify(description, null, 2)}\n`)
    await writeFile(join(folder, 'demo.js'), await bundle(SCRIPT, { format: 'esm', legalComments: 'eof' }))
    await cp(paths.model(chosen), join(folder, 'model'), { recursive: true, dereference: true })
  })
}

/** The temperature of the model, and the probability from which it counts as sure. */
export function worthOf({
  predictions,
  calibration,
}: Pick<Evaluated, 'predictions' | 'calibration'>): Pick<Description, 'temperature' | 'sure'> {
  const validation = predictions.filter(({ part }) => part === 'validation')
  return {
    temperature: calibration.temperature,
    sure: { share: SURE_SHARE, from: sureFrom(validation), images: validation.length },
  }
}

const cardSchema = z.object({
  userDefinedMetadata: z.object({
    classes: z.array(z.string()),
    image: z.object({ size: z.int(), fit: z.enum(['cover', 'fill']) }),
  }),
})

/** Classes and image size of the model; read without TensorFlow, which takes longer to load than all the rest. */
async function readCard(folder: string): Promise<Pick<Description, 'classes' | 'image'>> {
  try {
    return cardSchema.parse(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'))).userDefinedMetadata
  } catch (error) {
    throw new DataError(`Expected a model in ${folder}, received: ${messageOf(error)}. Run \`npm run repro\`.`, {
      cause: error,
    })
  }
}
