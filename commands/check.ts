/**
 * check: static checks of the code.
 *
 * runs    Biome (style), TypeScript (types), dependency-cruiser (who imports whom)
 */
import { $ } from 'zx'
import { runCommand } from '../src/command-line/arguments.ts'
import { PaddockError } from '../src/core/errors.ts'

const HELP = `usage: npm run check

Checks style (Biome), types (TypeScript) and who imports whom
(dependency-cruiser).`

const CHECKS = {
  biome: ['biome', 'check'],
  tsc: ['tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', '.paddock/tsc.json'],
  depcruise: ['depcruise', '--config', '.dependency-cruiser.cjs', '.'],
}

await runCommand('check', { help: HELP, options: {} }, async () => {
  const shell = $({ preferLocal: true, nothrow: true, quiet: true })
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, words]) => ({ name, result: await shell`${words}` })),
  )
  const failed = results.filter(({ result }) => result.exitCode !== 0)
  for (const { result } of failed) console.error(result.stdall.trim())
  if (failed.length === 0) return `${Object.keys(CHECKS).join(', ')} passed`
  throw new PaddockError(`${failed.map(({ name }) => name).join(', ')} failed. Fix the errors above.`)
})
