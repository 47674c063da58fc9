import { parse } from 'yaml'
import type { CodeFiles } from './code-deps.ts'

type Section = { readonly packages: Readonly<Record<string, string>> }
type Stage = { readonly deps?: readonly string[]; readonly do?: Stage }

/** A line for each stage whose code in dvc.yaml or packages.json is not what it must be. */
export function staleStages(current: CodeFiles, wanted: CodeFiles): string[] {
  const [oldStages, stages] = [stagesOf(current), stagesOf(wanted)]
  const [oldSections, sections] = [sectionsOf(current), sectionsOf(wanted)]
  const lines = [...new Set([...Object.keys(stages), ...Object.keys(oldSections)])].flatMap((name) => {
    const before = depsOf(oldStages[name])
    const after = depsOf(stages[name])
    const changes = [
      ...after.filter((path) => !before.includes(path)).map((path) => `${path} is missing`),
      ...before.filter((path) => !after.includes(path)).map((path) => `${path} is not used`),
      ...changedVersions(oldSections[name]?.packages ?? {}, sections[name]?.packages ?? {}),
    ]
    return changes.length > 0 ? [`${name}: ${changes.join(', ')}`] : []
  })
  if (lines.length > 0) return lines
  return [
    ...(current.pipeline === wanted.pipeline ? [] : ['dvc.yaml: code in another order or form']),
    ...(current.packages === wanted.packages ? [] : ['packages.json: edited by hand']),
  ]
}

function changedVersions(before: Section['packages'], after: Section['packages']): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`)
}

function stagesOf(files: CodeFiles): Readonly<Record<string, Stage>> {
  return (parse(files.pipeline) as { stages?: Record<string, Stage> } | null)?.stages ?? {}
}

function sectionsOf(files: CodeFiles): Readonly<Record<string, Section>> {
  try {
    return JSON.parse(files.packages) as Record<string, Section>
  } catch {
    return {} // none yet, or one in conflict: it is written anew
  }
}

function depsOf(stage: Stage | undefined): readonly string[] {
  return stage?.deps ?? stage?.do?.deps ?? []
}
