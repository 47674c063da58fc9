import { ConfigError } from '../core/errors.ts'
import { nearestName } from '../core/names.ts'

/** All options of `dvc repro`; none takes a value. */
const OPTIONS = [
  ...['--help', '--quiet', '--verbose', '--force', '--interactive', '--single-item', '--pipeline', '--all-pipelines'],
  ...['--recursive', '--downstream', '--force-downstream', '--pull', '--allow-missing', '--dry', '--keep-going'],
  ...['--ignore-errors', '--glob', '--no-commit', '--no-run-cache'],
]
const LETTERS = /^-[hqvfispPRk]+$/

/**
 * Refuses options and stages that `dvc repro` does not know: DVC would print its usage, or not say which names there are.
 *
 * @param stages names of all stages; undefined where dvc.yaml cannot be read, which DVC reports
 * @throws ConfigError
 */
export function checkTargets(args: readonly string[], stages: readonly string[] | undefined): void {
  const isOption = (arg: string) => arg.startsWith('-')
  const unknown = args.find((arg) => isOption(arg) && !OPTIONS.includes(arg) && !LETTERS.test(arg))
  if (unknown !== undefined) {
    const near = nearestName(unknown, OPTIONS)
    const remedy = near === undefined ? `Its options are ${OPTIONS.join(', ')}` : `Did you mean ${near}?`
    throw new ConfigError(`Expected an option of \`dvc repro\`, received ${unknown}. ${remedy}`)
  }
  if (stages === undefined || args.some((arg) => ['--glob', '--recursive', '-R'].includes(arg))) return
  const names = [...new Set(stages.flatMap((name) => [name, name.replace(/@.*/, '')]))]
  // what is left are files of DVC, and stages in them: dvc.yaml:train
  const stage = args.find((arg) => !isOption(arg) && !names.includes(arg) && !/\.(yaml|dvc)(:|$)/.test(arg))
  if (stage === undefined) return
  const near = nearestName(stage, names)
  const remedy = near === undefined ? 'Name one of these.' : `Did you mean ${near}?`
  throw new ConfigError(`Expected a stage, one of ${names.join(', ')}, received ${stage}. ${remedy}`)
}
