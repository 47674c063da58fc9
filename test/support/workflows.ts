import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlias, parseDocument, visit } from 'yaml'

export interface Step {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, string>>
}

export interface Job {
  readonly if?: string
  readonly 'runs-on': string | readonly string[]
  readonly 'timeout-minutes'?: number
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

export const WORKFLOWS = '.github/workflows'

/** The text of every workflow, by file name. */
export async function readWorkflows(folder = WORKFLOWS): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => /[.]ya?ml$/.test(name)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
}

/** Parses a workflow. Duplicate keys and aliases, which mislead a reviewer, are errors. */
export function parseWorkflow(text: string): Workflow {
  const document = parseDocument(text, { uniqueKeys: true })
  if (document.errors.length > 0) throw document.errors[0]
  visit(document, (_key, node) => {
    if (isAlias(node)) throw new Error(`alias ${node.source}`)
  })
  return document.toJS() as Workflow
}
