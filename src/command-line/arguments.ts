import { type ParseArgsConfig, parseArgs } from 'node:util'
import { ConfigError, messageOf } from '../core/errors.ts'
import { wrapHelp } from './wrap.ts'

/** What a command takes. */
export interface CommandLine<Options extends NonNullable<ParseArgsConfig['options']>> {
  /** The whole text of `--help`. */
  readonly help: string
  readonly options: Options
  /** Greatest number of words beside the options. */
  readonly words: number
}

/**
 * The options and words of a command; with `--help`, prints its text and returns nothing.
 *
 * @throws ConfigError that names what the command does not know
 */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  { help, options, words }: CommandLine<Options>,
) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(wrapHelp(help))
    return undefined
  }
  const parsed = parse(args, options)
  if (parsed.positionals.length <= words) return { values: parsed.values, words: parsed.positionals }
  throw new ConfigError(
    `Expected ${words} words beside the options at most, received ${parsed.positionals.join(' ')}. See --help for what it takes.`,
  )
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new ConfigError(`${messageOf(error).split('. ')[0]}. See --help for what it takes.`, { cause: error })
  }
}
