import { execa } from 'execa'

/** What `dvc gc` can be told to keep beside the checkout. */
export const KEPT = ['branches', 'tags', 'experiments', 'commits'] as const
export type Kept = (typeof KEPT)[number]

/** A branch or tag as a person calls it, and its full name. */
export interface Ref {
  readonly name: string
  readonly ref: string
}

const PREFIXES: readonly { readonly of: Kept; readonly prefix: string; readonly word: string }[] = [
  { of: 'branches', prefix: 'refs/heads/', word: 'branch' },
  { of: 'branches', prefix: 'refs/remotes/', word: 'branch' },
  { of: 'tags', prefix: 'refs/tags/', word: 'tag' },
]

/** The branches, those of remotes too, and the tags that are kept. */
export async function listRefs(kept: ReadonlySet<Kept>): Promise<Ref[]> {
  const { stdout } = await execa('git', [
    'for-each-ref',
    '--format=%(refname) %(symref)',
    ...PREFIXES.map(({ prefix }) => prefix),
  ])
  return stdout.split('\n').flatMap((line) => {
    const [ref = '', symbolic] = line.split(' ')
    const found = PREFIXES.find(({ prefix }) => ref.startsWith(prefix))
    const isKept = found && (kept.has(found.of) || kept.has('commits'))
    return isKept && !symbolic ? [{ name: `${found.word} ${ref.slice(found.prefix.length)}`, ref }] : []
  })
}

const MARK = 'paddock-keep/'

/**
 * Lets `dvc gc` keep what branches of remotes need, of which it knows nothing: they are tags while it runs.
 *
 * @param collect gets the flags that make it look at them
 */
export async function keepingRemoteBranches<T>(
  isWanted: boolean,
  collect: (flags: string[]) => Promise<T>,
): Promise<T> {
  await removeMarks() // those that a killed run left
  if (!isWanted) return collect([])
  const remote = (await listRefs(new Set(['branches']))).filter(({ ref }) => ref.startsWith('refs/remotes/'))
  try {
    for (const { ref } of remote) await execa('git', ['update-ref', `refs/tags/${MARK}${ref}`, ref])
    return await collect(remote.length > 0 ? ['--all-tags'] : [])
  } finally {
    await removeMarks()
  }
}

async function removeMarks(): Promise<void> {
  const { stdout } = await execa('git', ['for-each-ref', '--format=%(refname)', `refs/tags/${MARK}`])
  for (const ref of stdout.split('\n').filter((each) => each !== '')) await execa('git', ['update-ref', '-d', ref])
}
