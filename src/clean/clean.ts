import { rm } from 'node:fs/promises'
import { readArguments } from '../command-line/arguments.ts'
import { ConfigError, DataError } from '../core/errors.ts'
import { cacheOf, readDvcConfig } from '../dvc/dvc-config.ts'
import { removeCopies } from '../dvc/experiment-copies.ts'
import { runDvc } from '../dvc/run.ts'
import { openWorkspace } from '../dvc/workspace.ts'
import { cacheUse, readNeed, readObjects } from './cache-use.ts'
import { ASKED, listLeftovers } from './leftovers.ts'
import { KEPT, type Kept, keepingRemoteBranches, listRefs } from './refs.ts'

const HELP = `usage: npm run clean [-- --keep LIST] [--copies] [--checkpoints] [--features] [--pixels] [--yes]

Shows what DVC's cache takes, by branch and tag, and what else there is. With --yes, what nothing needs goes: \`dvc gc\` for
the cache, which keeps what --keep names, and models of configurations that are no more. What the checkout needs stays.

  --keep LIST     of ${KEPT.join(', ')}; without it, branches,tags,experiments. commits: of all history. none: the checkout alone
  --copies        also temporary copies of experiments that were killed; not while one runs
  --checkpoints   also the checkpoints of interrupted trainings, of every checkout on this machine
  --features      also the kept features of frozen backbones, likewise; they are computed again
  --pixels        also the kept images, decoded, likewise
  --yes           does it
  --help          this text`

const FLAG = { type: 'boolean' } as const
const OPTIONS = {
  keep: { type: 'string' },
  copies: FLAG,
  checkpoints: FLAG,
  features: FLAG,
  pixels: FLAG,
  yes: FLAG,
} as const

/** The command `clean`. @throws ConfigError, DataError */
export async function clean(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 0 })
  if (!given) return undefined
  const kept = parseKept(given.values.keep ?? 'branches,tags,experiments')
  const cache = cacheOf(readDvcConfig())
  const unusedBytes = await showCache(cache, kept)
  const leftovers = await listLeftovers()
  const asked = new Set<string>(['models', ...ASKED.filter((kind) => given.values[kind])])
  const going = leftovers.filter(({ kind }) => asked.has(kind))
  for (const leftover of leftovers) {
    console.log(
      line(leftover.what, leftover.bytes, going.includes(leftover) ? 'goes' : `stays without --${leftover.kind}`),
    )
  }
  const bytes = unusedBytes + going.reduce((sum, each) => sum + each.bytes, 0)
  if (!given.values.yes) return `about ${size(bytes)} can go; say --yes to do it`
  for (const { path } of going) await rm(path, { recursive: true, force: true })
  if (going.some(({ kind }) => kind === 'copies')) await removeCopies(() => true)
  await collectGarbage(kept)
  const left = await readObjects(cache)
  return `DVC's cache has ${size([...left.values()].reduce((sum, each) => sum + each, 0))} now`
}

/** @returns bytes of the cache that nothing kept needs, as far as branches, tags and the checkout tell */
async function showCache(cache: string, kept: ReadonlySet<Kept>): Promise<number> {
  const workspace = openWorkspace('.', cache)
  const refs = await listRefs(kept)
  const needs = [await readNeed('the checkout', undefined, workspace)]
  for (const { name, ref } of refs) needs.push(await readNeed(name, ref, workspace))
  const { uses, totalBytes, unusedBytes } = cacheUse(await readObjects(cache), needs)
  console.log(line("DVC's cache", totalBytes, ''))
  for (const { name, bytes, aloneBytes } of uses) {
    console.log(line(`  ${name}`, bytes, aloneBytes > 0 ? `${size(aloneBytes)} of it needed by nothing else` : ''))
  }
  console.log(line('  nothing of these', unusedBytes, unusedBytes > 0 ? 'goes' : ''))
  return unusedBytes
}

async function collectGarbage(kept: ReadonlySet<Kept>): Promise<void> {
  const flags = ['--workspace', ...KEPT.filter((each) => kept.has(each)).map((each) => `--all-${each}`)]
  const { exitCode } = await keepingRemoteBranches(kept.has('branches'), (more) =>
    runDvc(['gc', '--force', '--quiet', ...new Set([...flags, ...more])]),
  )
  if (exitCode !== 0)
    throw new DataError(`Expected \`dvc gc\` to end with 0, received ${exitCode}. See what it says above.`)
}

function parseKept(list: string): Set<Kept> {
  const words = list.split(',').filter((word) => word !== 'none' && word !== '')
  const odd = words.find((word) => !(KEPT as readonly string[]).includes(word))
  if (odd === undefined) return new Set(words as Kept[])
  throw new ConfigError(`Expected --keep of ${KEPT.join(', ')} or none, received ${odd}.`)
}

function line(what: string, bytes: number, note: string): string {
  return `clean: ${[what.padEnd(48), size(bytes).padStart(9), note].join(' ').trimEnd()}`
}

/** Bytes as a person reads them, `12.3 MB`. */
export function size(bytes: number): string {
  const unit = bytes >= 1e9 ? 'GB' : bytes >= 1e6 ? 'MB' : 'kB'
  return `${(bytes / { GB: 1e9, MB: 1e6, kB: 1e3 }[unit]).toFixed(1)} ${unit}`
}
