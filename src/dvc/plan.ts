import { overlap } from '../core/files.ts'
import { describeStage, freshnessOf, hasOuts } from './freshness.ts'
import type { Pipeline, Stage } from './pipeline.ts'

/**
 * What `dvc repro` would run, in lines, without running anything.
 *
 * DVC's own `--dry` reports the stages after one that would run as unchanged.
 *
 * @param targets names of stages or groups of them; none for all
 */
export function describePlan(
  pipeline: Pipeline,
  targets: readonly string[],
  { isForced }: { readonly isForced: boolean },
): string[] {
  const { lock, checkout } = pipeline
  const changes = new Map(freshnessOf(pipeline).stages.map((stage) => [stage.name, stage.changes]))
  const runs = new Map<string, string>()
  const behind: string[] = []
  for (const { name, deps } of neededFor(pipeline.stages, targets)) {
    const of = changes.get(name) ?? []
    if (of.length > 0) runs.set(name, describeStage({ name, changes: of }))
    else if (isForced) runs.set(name, `${name}: forced`)
    else if (!hasOuts(lock.get(name), checkout))
      runs.set(name, `${name}: its outputs are neither here nor in the cache`)
    else if (sourcesOf(deps, pipeline.stages).some((source) => runs.has(source.name) || behind.includes(source.name)))
      behind.push(name)
  }
  if (runs.size === 0) return ['nothing would run']
  const perhaps = `these run too if what they read changes, which only running shows: ${behind.join(', ')}`
  return [...[...runs.values()].map((line) => `would run ${line}`), ...(behind.length > 0 ? [perhaps] : [])]
}

/** The target stages and all that they need, in the order of dvc.yaml, where a stage comes after those that it needs. */
export function neededFor(stages: readonly Stage[], targets: readonly string[]): readonly Stage[] {
  if (targets.length === 0) return stages
  const names = new Set(targets)
  for (const { name, group, deps } of stages.toReversed()) {
    if (!names.has(name) && !names.has(group)) continue
    for (const source of [{ name }, ...sourcesOf(deps, stages)]) names.add(source.name)
  }
  return stages.filter(({ name }) => names.has(name))
}

/** The stages whose outs overlap with these dependencies. */
function sourcesOf(deps: readonly string[], stages: readonly Stage[]): readonly Stage[] {
  return stages.filter(({ outs }) => outs.some((out) => deps.some((path) => overlap(out.path, path))))
}
