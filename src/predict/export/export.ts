import { copyFile, cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Examples, openImages } from '../../batches/batches.ts'
import type { Params } from '../../command-line/params.ts'
import { DataError } from '../../core/errors.ts'
import { exists, writeFileAtomically, writeFolderAtomically } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'
import { featuresOf } from '../../network/network.ts'
import { pluralize } from '../../scores/format.ts'
import type { Novelty } from '../../scores/novelty.ts'
import { writeNovelty } from '../../scores/novelty-files.ts'
import { type Chosen, loadChosen, type ModelChoice } from '../chosen.ts'
import { type Agreement, checkOnnx, TOLERANCE } from './check.ts'
import { encodeOnnx } from './onnx.ts'
import { modelConfig, preprocessorConfig } from './transformers.ts'

const EXAMPLES = join(import.meta.dirname, 'examples')

/**
 * Writes a model for other programs: ONNX, what Hugging Face and Transformers.js read beside it, the model card, and
 * examples. The folder only gets its name if the file and the model agree on all validation images.
 *
 * @throws DataError if they do not agree
 */
export async function exportModel(params: Params, given: ModelChoice & { readonly to?: string | undefined }) {
  const chosen = await loadChosen('export', params, given)
  const folder = given.to ?? paths.export(chosen.name)
  if (given.to !== undefined && (await exists(folder))) {
    throw new DataError(
      `Expected --to to name a folder that does not exist yet, received ${folder}. Remove it, or name another.`,
    )
  }
  const examples = await openImages('validation', chosen.model.classes)
  const agreement = await writeExport(folder, chosen, examples).finally(() => examples.close())
  return `${folder}: ${describeAgreement(agreement)}`
}

/** Writes the folder, whole or not at all. @throws DataError if the file and the model disagree on these images */
export async function writeExport(folder: string, chosen: Chosen, examples: Examples): Promise<Agreement> {
  const { name, model, digest, calibration, novelty = NONE } = chosen
  const temperature = calibration?.temperature ?? 1
  const config = json(modelConfig(model))
  const preprocessor = json(preprocessorConfig(model))
  return writeFolderAtomically(folder, async (temporary) => {
    const file = join(temporary, 'onnx', 'model.onnx')
    const features = featuresOf(model.graph)
    const metadata = {
      configuration: name,
      model: digest ?? '',
      config,
      preprocessor,
      temperature: String(temperature),
    }
    const described = { name, imageSize: model.image.size, classes: model.classes, temperature, features, metadata }
    await writeFileAtomically(file, encodeOnnx(model, described))
    const agreement = await checkOnnx(file, chosen, examples)
    requireAgreement(agreement)
    await writeFileAtomically(join(temporary, 'check.json'), json({ configuration: name, model: digest, ...agreement }))
    await writeFileAtomically(join(temporary, 'config.json'), config)
    await writeFileAtomically(join(temporary, 'preprocessor_config.json'), preprocessor)
    const at = { description: join(temporary, 'novelty.json'), references: join(temporary, 'references.bin') }
    await writeNovelty(at, digest ?? '', novelty)
    await cp(EXAMPLES, join(temporary, 'examples'), { recursive: true })
    if (await isCardOf(name)) await copyFile(paths.resultsCard, join(temporary, 'README.md'))
    return agreement
  })
}

/** For a model that is not evaluated: no references, and no image is refused. */
const NONE: Novelty = {
  ...{ layer: '', width: 1, references: [], neighbours: 1, limit: null, outcome: 'switched off' },
  rows: new Int8Array(0),
}

/** Whether results/model-card.md, which describes the chosen model, is that of this configuration. */
async function isCardOf(name: string): Promise<boolean> {
  return (await readFile(paths.resultsCard, 'utf8').catch(() => '')).startsWith(`# Model card: \`${name}\``)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** @throws DataError if the exported network disagrees with the trained one */
function requireAgreement(agreement: Agreement): void {
  const { greatestDifference, greatestDistanceDifference, contradictions } = agreement
  const greatest = Math.max(greatestDifference, greatestDistanceDifference ?? 0)
  if (greatest <= TOLERANCE && contradictions === 0) return
  throw new DataError(
    `Expected the ONNX file to agree with the model within ${TOLERANCE}, received: ${describeAgreement(agreement)}. Nothing was written; this is a fault of the export, so please report it.`,
  )
}

function describeAgreement(agreement: Agreement): string {
  const { images, greatestDifference, greatestDistanceDifference, otherAnswers } = agreement
  const distance =
    greatestDistanceDifference === null ? '' : `, of a distance ${greatestDistanceDifference.toExponential(1)}`
  return `checked on ${pluralize(images, 'validation image')}: greatest difference of a probability ${greatestDifference.toExponential(1)}${distance}, ${pluralize(otherAnswers, 'different answer')}`
}
