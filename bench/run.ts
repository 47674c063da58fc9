/**
 * Runs the works that were asked for, and writes bench/README.md after each.
 *
 * usage   npm run bench -- [NAME …] [--pairs 10] [--photographs DIR]
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { readArguments } from '../src/command-line/arguments.ts'
import { ConfigError, SetupError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { runScript } from '../src/core/script.ts'
import { writeTurns } from './record.ts'
import { formatTables, withTables } from './table.ts'
import { BENCH_PYTHON, THREADS, takeTurns } from './turns.ts'
import { type Work, works } from './works.ts'

const HELP = `usage: npm run bench -- [NAME …] [--pairs 10] [--photographs DIR]

Measures against the peers and writes bench/README.md; without a name, all of:
${works.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}

  --pairs N            turns of each side; ten give a 97.9 % interval
  --photographs DIR    JPEG files, one folder a class, for decode and gate;
                       both are skipped without it`

const OPTIONS = { pairs: { type: 'string', default: '10' }, photographs: { type: 'string', default: '' } } as const

const README = 'bench/README.md'

await runScript('bench', async () => {
  const given = readArguments(process.argv.slice(2), {
    help: HELP,
    options: OPTIONS,
    words: works.length,
    paths: ['photographs'],
  })
  if (!given) return undefined
  const pairs = Number(given.values.pairs)
  if (!(Number.isInteger(pairs) && pairs > 0)) {
    throw new ConfigError(`Expected a number of pairs, received ${given.values.pairs}. See --help.`)
  }
  if (!existsSync(BENCH_PYTHON)) {
    throw new SetupError(`Expected the peers at ${BENCH_PYTHON}, received nothing. Run \`node bench/peers/setup.mjs\`.`)
  }
  const photographs = given.values.photographs
  const chosen = choose(given.words).filter((work) => photographs || !work.needsPhotographs)
  for (const work of chosen) await measure(work, { pairs, photographs })
  return `${chosen.map(({ name }) => name).join(', ')}: see ${README}`
})

function choose(names: readonly string[]): readonly Work[] {
  const unknown = names.filter((name) => !works.some((work) => work.name === name))
  if (unknown.length === 0) return names.length === 0 ? works : works.filter(({ name }) => names.includes(name))
  throw new ConfigError(
    `Expected ${works.map(({ name }) => name).join(', ')}, received ${unknown.join(', ')}. See --help.`,
  )
}

async function measure(work: Work, options: { readonly pairs: number; readonly photographs: string }): Promise<void> {
  console.error(`bench: ${work.title} …`)
  const turns = await takeTurns(work, {
    ...options,
    onTurn: ({ pair, side, seconds }) =>
      console.error(`bench: ${work.name} ${pair}/${options.pairs} ${side} ${seconds.toFixed(2)} s`),
  })
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, threads: THREADS }
  const text = await readFile(README, 'utf8')
  await writeFileAtomically(README, withTables(text, formatTables(await writeTurns(work.name, turns), machine)))
}
