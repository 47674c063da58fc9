import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, version } from 'esbuild'
import { z } from 'zod'
import { readText, sha256, unlessMissing, writeFileAtomically } from '../core/files.ts'

type Options = Pick<BuildOptions, 'format' | 'legalComments'>

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url))
/** Bundles of earlier runs. */
const KEPT = join(CHECKOUT, '.paddock/bundles')

const keptSchema = z.object({
  /** The files that it was made of, relative to the checkout. */
  inputs: z.array(z.string()),
  /** SHA-256 of their bytes. */
  source: z.string(),
  text: z.string(),
  /** SHA-256 of the text. */
  sha256: z.string(),
})
type Kept = z.infer<typeof keptSchema>

/**
 * A browser program, or a style sheet, with all that it imports in one minified file; the same bytes every time. It is kept in
 * .paddock/, and made again when one of the files that it was made of has changed.
 *
 * @param folder where it is kept
 */
export async function bundle(entry: URL, options: Options = {}, folder: string = KEPT): Promise<string> {
  const whole = {
    entryPoints: [relative(CHECKOUT, fileURLToPath(entry))],
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['chrome117', 'firefox119', 'safari17.4'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    ...options,
  } satisfies BuildOptions
  const path = join(folder, `${sha256(JSON.stringify([version, whole]))}.json`)
  const kept = readKept(path)
  if (kept && digestOf(kept.inputs) === kept.source) return kept.text
  const start = Date.now()
  const made = await build({ ...whole, absWorkingDir: CHECKOUT, write: false, metafile: true })
  const text = made.outputFiles[0]?.text ?? ''
  const inputs = Object.keys(made.metafile.inputs).filter((input) => !input.startsWith('(disabled):')) // not in it
  const source = digestOf(inputs)
  const isSettled = inputs.every((input) => statSync(join(CHECKOUT, input)).mtimeMs < start)
  if (source !== undefined && isSettled) {
    await writeFileAtomically(path, JSON.stringify({ inputs, source, text, sha256: sha256(text) } satisfies Kept))
  }
  return text
}

/** Undefined where there is none, or it is damaged. */
function readKept(path: string): Kept | undefined {
  try {
    const kept = keptSchema.parse(JSON.parse(readText(path) ?? ''))
    return sha256(kept.text) === kept.sha256 ? kept : undefined
  } catch {
    return undefined
  }
}

/** SHA-256 of some files of the checkout; undefined where one is missing. */
function digestOf(inputs: readonly string[]): string | undefined {
  return unlessMissing(() => {
    const hash = createHash('sha256')
    for (const input of inputs) hash.update(`${input}\0`).update(readFileSync(join(CHECKOUT, input)))
    return hash.digest('hex')
  })
}
