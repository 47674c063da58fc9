import ts from 'typescript'

/** What a module loads when it runs, as written in its text. */
export interface Imports {
  /** Loaded with the module: `import`, `export … from`, and files named by `new URL('…', import.meta.url)`. */
  readonly always: readonly string[]
  /** Loaded when it is asked for: `import('…')`. */
  readonly onDemand: readonly string[]
}

/**
 * The specifiers of a module's imports, in the order of the text.
 *
 * An import of types only (`import type`) is gone when the program runs and does not count; `import { type A }` still
 * loads its module, as tsconfig's `verbatimModuleSyntax` has it.
 */
export function importsOf(path: string, text: string): Imports {
  const always: string[] = []
  const onDemand: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly) always.push(...literal(node.moduleSpecifier))
    if (ts.isExportDeclaration(node) && !node.isTypeOnly) always.push(...literal(node.moduleSpecifier))
    if (ts.isNewExpression(node) && isModuleUrl(node)) always.push(...literal(node.arguments?.[0]).filter(isFileName))
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      onDemand.push(...literal(node.arguments[0]))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  return { always, onDemand }
}

function literal(node: ts.Node | undefined): string[] {
  return node && ts.isStringLiteralLike(node) ? [node.text] : []
}

/** `new URL(…, import.meta.url)` */
function isModuleUrl(node: ts.NewExpression): boolean {
  const base = node.arguments?.[1]
  return (
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'URL' &&
    base !== undefined &&
    ts.isPropertyAccessExpression(base) &&
    ts.isMetaProperty(base.expression)
  )
}

function isFileName(specifier: string): boolean {
  return /^\.{1,2}\/.*\.\w+$/.test(specifier)
}
