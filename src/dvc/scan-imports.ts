import type { Imports } from './imports.ts'

/**
 * The specifiers of a module's imports, by the form that Biome gives them: TypeScript's own parser takes half a second to
 * load, which is more than a whole `verify` may.
 *
 * A test holds it to what the parser says of every file here.
 */
export function scanImports(_path: string, text: string): Imports {
  const code = text.replace(COMMENT, '')
  return {
    always: [...code.matchAll(STATEMENT)].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? []),
    onDemand: [...code.matchAll(ON_DEMAND)].flatMap((match) => match[1] ?? []),
  }
}

/** Comments that begin a line; what follows code on its line never looks like an import. */
const COMMENT = /^[ \t]*(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm

/** `import` and `export … from`, those of types alone left out, and files named by `new URL('…', import.meta.url)`. */
const STATEMENT =
  /^import\s+(?:(?!type\s+(?!from\b)[{\w*])(?:[\w$]+|(?:[\w$]+,\s*)?\{[^}]*\}|\*\s+as\s+[\w$]+)\s+from\s+)?['"]([^'"]+)['"]|^export\s+(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s+from\s+['"]([^'"]+)['"]|new URL\(\s*['"](\.{1,2}\/[^'"]*\.\w+)['"],\s*import\.meta\.url,?\s*\)/gm
const ON_DEMAND = /(?<!typeof )\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
