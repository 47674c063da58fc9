import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Imports } from './imports.ts'

/** All that a program loads, by static reading. */
export interface Closure {
  /** Files of this project, the program's own first, the others by name. */
  readonly files: readonly string[]
  /** Names of npm packages, by name. */
  readonly packages: readonly string[]
  /** Files of which a run loads the one its configuration names: the table of architectures. */
  readonly choices: readonly string[]
}

/** The table of architectures: what it imports on demand is a choice, not a dependency. */
export const REGISTRY = 'src/network/registry.ts'

export type ImportReader = (path: string, text: string) => Imports

const NONE: Imports = { always: [], onDemand: [] }
const CODE = /\.[cm]?[jt]s$/

/**
 * The import closure of a program.
 *
 * What a choice imports in its turn belongs to the closure, since another choice may come to share it.
 *
 * @param read gives the text of a file of the project
 * @param importsOf gives the imports of a text: what TypeScript's parser says, or what a quicker look at it does
 */
export function importClosure(program: string, read: (path: string) => string, importsOf: ImportReader): Closure {
  const files = new Set<string>()
  const packages = new Set<string>()
  const choices = new Set<string>()
  const importsIn = (path: string) => (CODE.test(path) ? importsOf(path, read(path)) : NONE)
  const follow = (path: string, specifiers: readonly string[]): void => {
    for (const specifier of specifiers) {
      if (specifier.startsWith('.')) visit(resolve(path, specifier))
      else if (!isBuiltin(specifier)) packages.add(packageName(specifier))
    }
  }
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    const imports = importsIn(path)
    follow(path, imports.always)
    if (path !== REGISTRY) follow(path, imports.onDemand)
    else for (const specifier of imports.onDemand) choices.add(resolve(path, specifier))
  }
  visit(program)
  for (const choice of choices) {
    const imports = importsIn(choice)
    follow(choice, [...imports.always, ...imports.onDemand])
  }
  const others = [...files].filter((path) => path !== program)
  return { files: [program, ...others.sort()], packages: [...packages].sort(), choices: [...choices].sort() }
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier)
}

/** `zx` of `zx/core`, `@scope/name` of `@scope/name/part`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
