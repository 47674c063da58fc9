/**
 * Compares the networks with Keras's and writes the tables of docs/parity.md; or classifies images with the official weights.
 *
 * usage   npm run parity -- [NETWORK …] | --official DIR
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { readArguments } from '../../src/command-line/arguments.ts'
import { ConfigError, PaddockError, SetupError } from '../../src/core/errors.ts'
import { writeFileAtomically } from '../../src/core/files.ts'
import { runScript } from '../../src/core/script.ts'
import { compareNetwork } from './check.ts'
import { type Finding, holds } from './findings.ts'
import { type Compared, compared } from './networks.ts'
import { checkOfficial } from './official.ts'
import { PARITY_PYTHON } from './peer.ts'
import { formatTable, withSection } from './table.ts'

const HELP = `usage: npm run parity -- [NETWORK …] | --official DIR

Compares networks with Keras's, on a weight file that Keras writes: features,
logits, every layer's output, a training step, the summary. Writes one table per
network into docs/parity.md. Without NETWORK, all of these:
${compared.map((network) => `  ${wordOf(network)}`).join('\n')}

  --official DIR    the top five ImageNet classes of the images named
                    cat…, dog… or horse…, by the official weights in the cache
                    or in PADDOCK_MIRROR`

const OPTIONS = { official: { type: 'string' } } as const

const DOCUMENT = 'docs/parity.md'

await runScript('parity', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: OPTIONS, words: compared.length })
  if (!given) return undefined
  const { official } = given.values
  return official === undefined ? compareAll(choose(given.words)) : checkOfficial(official)
})

async function compareAll(networks: readonly Compared[]): Promise<string> {
  if (!existsSync(PARITY_PYTHON)) {
    throw new SetupError(`Expected Keras at ${PARITY_PYTHON}, received nothing. Run \`node bench/peers/setup.mjs\`.`)
  }
  const all: Finding[] = []
  for (const network of networks) {
    const findings = await compareNetwork(network)
    await report(network, findings)
    all.push(...findings)
  }
  const missed = all.filter((finding) => !holds(finding))
  if (missed.length === 0) return `${all.length} comparisons with Keras hold`
  throw new PaddockError(
    `Expected ${all.length} differences from Keras within their bounds, received ${missed.length} beyond. See the tables in ${DOCUMENT}.`,
  )
}

async function report({ name, side }: Compared, findings: readonly Finding[]): Promise<void> {
  const title = `${name} at ${side} px`
  const table = formatTable(findings)
  console.log(`${title}\n${table}`)
  await writeFileAtomically(DOCUMENT, withSection(await readFile(DOCUMENT, 'utf8'), title, table))
}

function wordOf({ name, side }: Compared): string {
  return `${name}-${side}`
}

function choose(words: readonly string[]): readonly Compared[] {
  const known = compared.map(wordOf)
  const unknown = words.filter((word) => !known.includes(word))
  if (unknown.length === 0) return compared.filter((network) => words.length === 0 || words.includes(wordOf(network)))
  throw new ConfigError(`Expected ${known.join(', ')}, received ${unknown.join(', ')}. See --help.`)
}
