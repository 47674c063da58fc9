import { execa } from 'execa'
import { ConfigError, messageOf, PaddockError } from '../core/errors.ts'
import { oneLine } from './read.ts'

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
 * The token goes through the environment, since every process may read a command line. It is all that is offered: nobody is
 * asked for another.
 *
 * @param serverUrl the only server that gets the token
 * @returns whether it is there; false: the branch moved on or is gone
 * @throws GitError when the remote cannot be reached, or refuses
 */
export async function pushCommit(
  commit: string,
  { ref, expected, serverUrl, token }: { ref: string; expected: string; serverUrl: string; token: string },
): Promise<boolean> {
  const env = settings([...ASK_NOBODY, ...credentials(serverUrl, token)])
  const lease = `--force-with-lease=${ref}:${expected}`
  try {
    await git([...PLAIN, 'push', '--quiet', lease, 'origin', `${commit}:${ref}`], { env, remedy: REACH })
    return true
  } catch (error) {
    const there = await readTip(ref, env).catch(() => expected) // where nobody answers, the first error stands
    if (there === commit) return true // it arrived, and only the answer was lost
    if (there !== expected) return false
    throw error
  }
}

const REACH = 'See that origin can be reached, and that GITHUB_TOKEN may write there.'

/** The commit of a branch on the remote; nothing where it is gone. */
async function readTip(ref: string, env: Record<string, string>): Promise<string | undefined> {
  const listed = await git(['ls-remote', 'origin', ref], { env, remedy: REACH })
  const lines = listed.split('\n').map((line) => line.split('\t'))
  return lines.find(([, name]) => name === ref)?.[0] // also listed: whatever ends in the same name
}

type Setting = readonly [key: string, value: string]

const ASK_NOBODY: readonly Setting[] = [['credential.helper', '']]

function credentials(serverUrl: string, token: string): Setting[] {
  if (token === '') return []
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return [
    [`http.${serverUrl}/.extraheader`, ''], // what a checkout left: GitHub refuses two
    [`http.${serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`],
    [`http.${serverUrl}/.followRedirects`, 'false'], // git would send it to wherever it is led
  ]
}

/** Git's settings as its environment has them, after those that are there. */
function settings(added: readonly Setting[]): Record<string, string> {
  const count = Number(process.env.GIT_CONFIG_COUNT ?? 0)
  const pairs = added.flatMap(([key, value], place) => [
    [`GIT_CONFIG_KEY_${count + place}`, key],
    [`GIT_CONFIG_VALUE_${count + place}`, value],
  ])
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(count + added.length) }
}

interface GitOptions {
  readonly env?: Record<string, string>
  readonly input?: string
  readonly remedy?: string
}

async function git(
  args: readonly string[],
  { env = {}, input = '', remedy = 'Look at the checkout with `git status`.' }: GitOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execa('git', args, { env: { ...NO_PROMPT, ...env }, input })
    return stdout.trim()
  } catch (error) {
    const verb = args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('=')) ?? 'work'
    const words = messageOf(error).split('\n').slice(1).join(' ') || messageOf(error)
    throw new GitError(`Expected git to ${verb}, received: ${oneLine(words)}. ${remedy}`, { cause: error })
  }
}

/** Neither at a terminal nor in a window. */
const NO_PROMPT = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' }
