import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadParams, type Params } from '../command-line/params.ts'
import { DataError } from '../core/errors.ts'
import { exists, readSha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { hashTestSet, readTestSet } from '../core/test-set.ts'
import { readHistory } from '../scores/history.ts'
import { isFinished } from '../train/checkpoint.ts'
import { InterruptedError } from '../train/interruption.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { jsonDifference, lineDifference, type ModelFiles, weightsDifference } from './difference.ts'
import { type Lineage, lineageOf, readOrigins } from './lineage.ts'
import { trainElsewhere } from './train-elsewhere.ts'

/**
 * Trains the certified configuration again, in a temporary folder, and compares; gives the line that a person reads.
 *
 * A training that was ended by hand is ended after the same epoch.
 *
 * @param pin of the images, as data.dvc has it
 * @throws DataError when the checkout is not the certified one, or when a file differs, with the place where it does.
 */
export async function certify(pin: string): Promise<string> {
  const certificate = await readCertificate(paths.resultsCertificate)
  const { configuration } = certificate
  await expectCertified(certificate, await loadParams(), pin)
  const end = await readEnd(certificate)
  return trainElsewhere({ config: configuration, epochs: end.byHandAfter }, async ({ folder, exitCode, signal }) => {
    if (signal) throw new InterruptedError(`${signal}. Nothing was left behind.`, signal)
    if (exitCode !== 0) throw new DataError(`Expected ${configuration} to train, received exit code ${exitCode}.`)
    const differences = await differencesOf(certificate, folder)
    if (differences.length === 0) {
      const byHand = end.byHandAfter === undefined ? '' : `; ended by hand after epoch ${end.byHandAfter}, as it was`
      return `${configuration} identical: ${Object.keys(certificate.files).join(', ')}${byHand}`
    }
    const unknown = end.isKnown ? '' : ` So it is after \`npm run finish\`, which only ${HISTORY} could tell.`
    throw new DataError(
      `Expected ${configuration} to come out as certified, received other bytes. On another kind of processor that is to be expected.${unknown}\n${differences.map((line) => `  ${line}`).join('\n')}`,
    )
  })
}

const HISTORY = 'history.csv'

/** How the certified training ended, if its history is here. */
interface End {
  readonly isKnown: boolean
  /** The epoch after which a person ended it; undefined where none did. */
  readonly byHandAfter?: number
}

async function readEnd({ configuration, files }: Certificate): Promise<End> {
  for (const path of [paths.history(configuration), paths.evaluatedHistory(configuration)]) {
    if ((await hashOf(path)) !== files[HISTORY]) continue
    const history = await readHistory(path)
    return { isKnown: true, ...(isFinished({ history }) && { byHandAfter: history.length }) }
  }
  return { isKnown: false }
}

/** @throws DataError that names what the checkout has that is not what was certified. */
async function expectCertified(certificate: Certificate, params: Params, pin: string): Promise<void> {
  const testSet = hashTestSet(await readTestSet())
  const here = lineageOf(await readOrigins(pin, params), params, certificate.configuration, testSet)
  const others = NAMES.filter(([, saidBy]) => saidBy(certificate) !== saidBy(here)).map(([name]) => name)
  if (others.length === 0) return
  throw new DataError(
    `Expected the checkout that ${paths.resultsCertificate} is of, received other ${others.join(', ')}. Run \`npm run repro\`, which writes a certificate of what is here.`,
  )
}

const NAMES: readonly (readonly [
  string,
  (lineage: Pick<Lineage, 'data' | 'params' | 'code' | 'packages' | 'versions'>) => string,
])[] = [
  ['images', ({ data }) => data.pin],
  ['lists of images', ({ data }) => `${data.manifest} ${data.split} ${data.testSet}`],
  ['parameters', ({ params }) => params],
  ['code', ({ code }) => code],
  ['packages', ({ packages }) => packages],
  ['versions', ({ versions }) => JSON.stringify(versions)],
]

/** A line for each file that is not as certified: where it differs, if the certified one is here. */
async function differencesOf({ configuration, files }: Certificate, folder: string): Promise<string[]> {
  const made = join(folder, paths.train(configuration))
  const kept = paths.train(configuration)
  const lines: string[] = []
  for (const [name, hash] of Object.entries(files)) {
    if ((await hashOf(join(made, name))) === hash) continue
    const isHere = (await hashOf(join(kept, name))) === hash
    lines.push(`${name}: ${isHere ? ((await describe(name, kept, made)) ?? 'other bytes') : NOT_HERE}`)
  }
  return lines
}

const NOT_HERE = 'other bytes; the certified file is not here, so nobody can say where'

async function describe(name: string, kept: string, made: string): Promise<string | undefined> {
  if (name.endsWith('.bin')) return weightsDifference(await readModel(kept), await readModel(made))
  const texts = [await readFile(join(kept, name), 'utf8'), await readFile(join(made, name), 'utf8')] as const
  return name.endsWith('.json') ? jsonDifference(...texts) : lineDifference(...texts)
}

async function readModel(folder: string): Promise<ModelFiles> {
  return {
    topology: await readFile(join(folder, 'model/model.json'), 'utf8'),
    weights: await readFile(join(folder, 'model/weights.bin')),
  }
}

async function hashOf(path: string): Promise<string | undefined> {
  return (await exists(path)) ? readSha256(path) : undefined
}
