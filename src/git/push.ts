import { execa } from 'execa'
import { ConfigError, messageOf, PaddockError } from '../core/errors.ts'
import { oneLine, repositoryFault } from './read.ts'

/** A git command that changes the repository failed. */
export class GitError extends PaddockError {
  override name = 'GitError'
}

/** The committer in workflows. */
const BOT = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com',
]
/** No signing by the machine's settings, and no hooks from the checkout. */
const PLAIN = ['-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null']

/** The full name of a branch. @throws ConfigError for an invalid name */
export async function branchRef(name: string): Promise<string> {
  const ref = `refs/heads/${name}`
  const { exitCode } = name.includes('\0')
    ? { exitCode: 1 }
    : await execa('git', ['check-ref-format', ref], { reject: false, stdin: 'ignore' })
  if (exitCode === 0) return ref
  throw new ConfigError(`Expected the name of a branch, received ${JSON.stringify(name)}. Run this on a branch.`)
}

/** Commits some paths and no other changes. Returns the new commit; undefined if nothing changed. */
export async function commitPaths(paths: readonly string[], message: string): Promise<string | undefined> {
  await git(['add', '--all', '--', ...paths])
  const { exitCode } = await execa('git', ['diff', '--cached', '--quiet', '--', ...paths], { reject: false })
  if (exitCode === 0) return undefined
  await git([...BOT, ...PLAIN, 'commit', '--quiet', '--file', '-', '--', ...paths], { input: message })
  return git(['rev-parse', 'HEAD'])
}

/**
 * Pushes a commit to a branch of the remote if the branch is still at the expected commit; nothing is ever overwritten.
 *
 * The token is passed in the environment, because every process may read command lines. Git never prompts for other credentials.
 *
 * @param serverUrl the only server that receives the token
 * @returns false if the branch has moved on or was deleted
 * @throws GitError when the remote cannot be reached or refuses
 */
export async function pushCommit(
  commit: string,
  { ref, expected, serverUrl, token }: { ref: string; expected: string; serverUrl: string; token: string },
): Promise<boolean> {
  const env = settings([NO_HELPER, ...credentials(serverUrl, token)])
  const lease = `--force-with-lease=${ref}:${expected}`
  try {
    await git([...PLAIN, 'push', '--quiet', lease, 'origin', `${commit}:${ref}`], { env, remedy: REACH })
    return true
  } catch (error) {
    const there = await readTip(ref, env).catch(() => expected) // if this fails too, throw the first error
    if (there === commit) return true // pushed, and only the response was lost
    if (there !== expected) return false
    throw error
  }
}

const REACH = 'Check that origin can be reached and that GITHUB_TOKEN may write to it.'

/** The commit of a branch on the remote; undefined if it does not exist. */
async function readTip(ref: string, env: Record<string, string>): Promise<string | undefined> {
  const listed = await git(['ls-remote', 'origin', ref], { env, remedy: REACH })
  const lines = listed.split('\n').map((line) => line.split('\t'))
  return lines.find(([, name]) => name === ref)?.[0] // ls-remote also lists refs that end in this name
}

type Setting = readonly [key: string, value: string]

const NO_HELPER: Setting = ['credential.helper', '']

function credentials(serverUrl: string, token: string): Setting[] {
  if (token === '') return []
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return [
    [`http.${serverUrl}/.extraheader`, ''], // drops the header that a checkout set: GitHub refuses two
    [`http.${serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`],
    [`http.${serverUrl}/.followRedirects`, 'false'], // git would send the token along
  ]
}

/** Environment variables that add settings to those already given in the environment. */
function settings(added: readonly Setting[]): Record<string, string> {
  const count = Number(process.env.GIT_CONFIG_COUNT ?? 0)
  const pairs = added.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${count + index}`, key],
    [`GIT_CONFIG_VALUE_${count + index}`, value],
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
  { env = {}, input = '', remedy = 'Run `git status` to see the state of the checkout.' }: GitOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execa('git', args, { env: { ...NO_PROMPT, ...env }, input })
    return stdout.trim()
  } catch (error) {
    const fault = repositoryFault(error)
    if (fault) throw fault
    const verb = args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('=')) ?? ''
    const reason = messageOf(error).split('\n').slice(1).join(' ') || messageOf(error)
    throw new GitError(`\`git ${verb}\` failed: ${oneLine(reason)}. ${remedy}`, { cause: error })
  }
}

/** No prompt, neither in a terminal nor in a window. */
const NO_PROMPT = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' }
