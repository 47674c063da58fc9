import { execa } from 'execa'
import { ConfigError, messageOf, PaddockError } from '../core/errors.ts'

/** The repository could not be changed. */
export class GitError extends PaddockError {
  override name = 'GitError'
}

/** Who commits for a workflow. */
const BOT = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com',
]
/** Neither the machine's signing nor hooks that came with the checkout. */
const PLAIN = ['-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null']

/** The full name of a branch. @throws ConfigError when it is none */
export async function branchRef(name: string): Promise<string> {
  const ref = `refs/heads/${name}`
  const { exitCode } = name.includes('\0')
    ? { exitCode: 1 }
    : await execa('git', ['check-ref-format', ref], { reject: false, stdin: 'ignore' })
  if (exitCode === 0) return ref
  throw new ConfigError(`Expected the name of a branch, received ${JSON.stringify(name)}. Run it on a branch.`)
}

/** Commits some paths as they are, whatever else changed. Gives the new commit; nothing where there is nothing to commit. */
export async function commitPaths(paths: readonly string[], message: string): Promise<string | undefined> {
  await git(['add', '--all', '--', ...paths])
  const { exitCode } = await execa('git', ['diff', '--cached', '--quiet', '--', ...paths], { reject: false })
  if (exitCode === 0) return undefined
  await git([...BOT, ...PLAIN, 'commit', '--quiet', '--file', '-', '--', ...paths], { input: message })
  return git(['rev-parse', 'HEAD'])
}

/**
 * Puts a commit on a branch of the remote, should that still be where it was; nothing is ever overwritten.
 *
 * The token goes through the environment, since every process may read a command line.
 *
 * @returns whether it is there; false: the branch moved on or is gone
 * @throws GitError when the remote cannot be reached, or refuses
 */
export async function pushCommit(
  commit: string,
  { ref, expected, serverUrl, token }: { ref: string; expected: string; serverUrl: string; token: string },
): Promise<boolean> {
  const env = credentials(serverUrl, token)
  const lease = `--force-with-lease=${ref}:${expected}`
  try {
    await git([...PLAIN, 'push', '--quiet', lease, 'origin', `${commit}:${ref}`], { env })
    return true
  } catch (error) {
    const [there] = (await git(['ls-remote', 'origin', ref], { env })).split('\t')
    if (there === commit) return true // it arrived, and only the answer was lost
    if (there !== expected) return false
    throw error
  }
}

function credentials(serverUrl: string, token: string): Record<string, string> {
  if (token === '') return {}
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${serverUrl}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  }
}

async function git(
  args: readonly string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  try {
    const { stdout } = await execa('git', args, { env: { GIT_TERMINAL_PROMPT: '0', ...env }, input })
    return stdout.trim()
  } catch (error) {
    const words = messageOf(error).split('\n').slice(1).join(' ') || messageOf(error)
    throw new GitError(
      `Expected git to ${args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('=')) ?? 'work'}, received: ${words}.`,
      {
        cause: error,
      },
    )
  }
}
