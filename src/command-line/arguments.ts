import { type ParseArgsConfig, parseArgs } from 'node:util'
import { ConfigError, messageOf } from '../core/errors.ts'
import { nearestName } from '../core/names.ts'
import { runScript } from '../core/script.ts'
import { givenPath } from './given-path.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** The arguments of a command. */
interface CommandLine<O extends Options> {
  /** The text of `--help`. */
  readonly help: string
  readonly options: O
  /** How many words it accepts besides the options; none if not given. */
  readonly words?: number
  /** The options that are paths, and `words` where these are: they become paths from the checkout's root. */
  readonly paths?: readonly (keyof O | 'words')[]
}

/** Runs a command of this process as `runScript` does; with `--help` only prints its help. */
export async function runCommand<O extends Options>(
  name: string,
  line: CommandLine<O>,
  work: (given: NonNullable<ReturnType<typeof readArguments<O>>>) => Promise<string | undefined>,
): Promise<void> {
  await runScript(name, async () => {
    const given = readArguments(process.argv.slice(2), line)
    return given && work(given)
  })
}

/**
 * The options and words of a command. With `--help`, prints the help and returns undefined.
 *
 * @throws ConfigError naming the unknown option or word
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  { help, options, words = 0, paths = [] }: CommandLine<O>,
) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help)
    return undefined
  }
  const parsed = parse(args, options)
  if (parsed.positionals.length <= words) {
    const values = Object.entries(parsed.values).map(([name, value]) => {
      return [name, paths.includes(name) && typeof value === 'string' && value !== '' ? givenPath(value) : value]
    })
    return {
      values: Object.fromEntries(values) as typeof parsed.values,
      words: paths.includes('words') ? parsed.positionals.map((word) => givenPath(word)) : parsed.positionals,
    }
  }
  throw new ConfigError(
    `Expected ${words === 0 ? 'only options' : `at most ${pluralWords(words)} besides the options`}, received ${parsed.positionals.join(' ')}. Options of npm scripts follow \`--\`, as in \`npm run train -- --config NAME\`. See --help.`,
  )
}

function pluralWords(count: number): string {
  return count === 1 ? 'one word' : `${count} words`
}

function parse<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    const [, option] = /^Option '(?:.*, )?(--?[\w-]+)' argument is ambiguous/.exec(messageOf(error)) ?? []
    if (option !== undefined) {
      const value = args[args.indexOf(option) + 1]
      throw new ConfigError(
        `Expected a value after ${option}, received ${value}. Write ${option}${option.startsWith('--') ? '=' : ''}VALUE if it begins with a dash. See --help.`,
        { cause: error },
      )
    }
    const problem = messageOf(error).split('. ')[0] ?? ''
    const [, unknown = ''] = /^Unknown option '--(.+)'$/.exec(problem) ?? []
    const near = nearestName(unknown, Object.keys(options))
    throw new ConfigError(`${problem}${near === undefined ? '' : `; did you mean --${near}?`}. See --help.`, {
      cause: error,
    })
  }
}
