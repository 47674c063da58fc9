import { type ParseArgsConfig, parseArgs } from 'node:util'
import { ConfigError, messageOf } from '../core/errors.ts'

/** The arguments of a command. */
export interface CommandLine<Options extends NonNullable<ParseArgsConfig['options']>> {
  /** The text of `--help`. */
  readonly help: string
  readonly options: Options
  /** How many words it accepts beside the options. */
  readonly words: number
}

/**
 * The options and words of a command. With `--help`, prints the help and returns undefined.
 *
 * @throws ConfigError naming the unknown option or word
 */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  { help, options, words }: CommandLine<Options>,
) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help)
    return undefined
  }
  const parsed = parse(args, options)
  if (parsed.positionals.length <= words) return { values: parsed.values, words: parsed.positionals }
  throw new ConfigError(
    `Expected at most ${words} words beside the options, received ${parsed.positionals.join(' ')}. See --help.`,
  )
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new ConfigError(`${messageOf(error).split('. ')[0]}. See --help.`, { cause: error })
  }
}
