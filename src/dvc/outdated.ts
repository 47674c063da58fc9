import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PaddockError } from '../core/errors.ts'
import { describeStage, freshnessOf } from './freshness.ts'
import { type Pipeline, readPipeline } from './pipeline.ts'
import { neededFor } from './plan.ts'

/** Code takes long to compare, and records/ grows by itself. */
const NOT_COMPARED = /^(src|pipeline|records)(\/|$)/

/** Larger files take long to hash. */
const MAX_BYTES = 50e6

/**
 * One line if an output of the pipeline was not made from the parameters and images at hand; undefined if it was, or if that is
 * not known. Its stage and all before it are compared with dvc.lock, and the file or folder itself with what dvc.lock has.
 *
 * @param what the name of the output in the line
 * @param out its path in dvc.yaml
 * @param file the file in it that stands for all, since one run writes them together; by default the whole output
 */
export function describeOutdated(what: string, out: string, file?: string): string | undefined {
  try {
    const reason = reasonOf(readPipeline(), out, file)
    return (
      reason &&
      `${what} was made from other parameters or images than those at hand (${reason}); \`npm run repro\` makes it again`
    )
  } catch (error) {
    if (error instanceof PaddockError) return undefined // what only reads works without a pipeline
    throw error
  }
}

function reasonOf(pipeline: Pipeline, out: string, file: string | undefined): string | undefined {
  const { lock, checkout } = pipeline
  const maker = pipeline.stages.find(({ outs }) => outs.some(({ path }) => path === out))
  const locked = lock.get(maker?.name ?? '')?.outs.find(({ path }) => path === out)
  if (maker === undefined || !existsSync(file === undefined ? out : join(out, file))) return undefined
  const stages = neededFor(pipeline.stages, [maker.name]).map((stage) => ({
    ...stage,
    deps: stage.deps.filter((path) => !NOT_COMPARED.test(path)),
    outs: stage.outs.filter(({ cached }) => cached),
  }))
  const stale = freshnessOf({ ...pipeline, stages }).stages.find(({ changes }) => changes.length > 0)
  if (stale) return describeStage(stale)
  const { md5 = '', size = 0 } = locked ?? {}
  const wanted = file === undefined ? md5 : checkout.cachedFiles(md5)?.get(file)
  if (wanted === undefined || (file === undefined && size > MAX_BYTES)) return undefined
  const isSame = checkout.hashOf(file === undefined ? out : `${out}/${file}`) === wanted
  return isSame ? undefined : `${out} differs from dvc.lock`
}
