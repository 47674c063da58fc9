import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Document } from 'openapi-backend'
import { cacheFolder } from '../../src/core/paths.ts'

/** GitHub's OpenAPI description, from `npm run setup -- --ci-tools`. */
export const DESCRIPTION = join(cacheFolder(), 'ci-tools/octokit-openapi/api.github.com.json')

/** Why a test that needs the description is skipped; undefined if it is installed. */
export const missingDescription = existsSync(DESCRIPTION)
  ? undefined
  : `GitHub's API description is missing: npm run setup -- --ci-tools`

/** The paths of the 800 that the server implements. */
const PATHS = [
  '/repos/{owner}/{repo}/issues/{issue_number}/comments',
  '/repos/{owner}/{repo}/issues/comments/{comment_id}',
  '/repos/{owner}/{repo}/pulls',
  '/repos/{owner}/{repo}/check-runs',
  '/repos/{owner}/{repo}/check-runs/{check_run_id}',
  '/repos/{owner}/{repo}/commits/{ref}/check-runs',
  '/repos/{owner}/{repo}/releases',
  '/repos/{owner}/{repo}/releases/{release_id}',
  '/repos/{owner}/{repo}/releases/{release_id}/assets',
  '/repos/{owner}/{repo}/releases/assets/{asset_id}',
]

/** A description, and its example responses by name. */
export interface Description {
  readonly document: Document
  readonly examples: Readonly<Record<string, { readonly value: object }>>
}

/** Reads the description, reduced to the paths that the server implements and the components that they use. */
export async function readDescription(): Promise<Description> {
  const whole = JSON.parse(await readFile(DESCRIPTION, 'utf8'))
  const paths = Object.fromEntries(PATHS.map((path) => [path, whole.paths[path]]))
  const { examples, ...others } = whole.components
  const components: Record<string, Record<string, unknown>> = {}
  const take = (part: unknown) => {
    for (const [, kind = '', name = ''] of JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)) {
      const group = components[kind] ?? {}
      components[kind] = group
      if (kind === 'examples' || name in group) continue
      group[name] = others[kind][name]
      take(group[name])
    }
  }
  take(paths)
  components.examples = examples
  return { document: { ...whole, paths, components }, examples }
}
