import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commitPaths, GitError, pushCommit } from '../../src/git/push.ts'
import { type GitServer, makeIdentity, startGitServer } from '../support/git-server.ts'
import { serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TOKEN = 'ghs_right-1234567890'
const REF = 'refs/heads/zebra'
const USER = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']
const basic = (token: string) => Buffer.from(`x-access-token:${token}`).toString('base64')
/** Must appear nowhere. */
const SECRETS = [TOKEN, basic(TOKEN)]

const before = process.cwd()
const git = async (...args: string[]) => (await execa('git', [...USER, ...args])).stdout

const folder = temporaryFolder({ per: 'file' })
let server: GitServer
let first: string

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

/** A clone of the branch, on a machine where every way of git to ask for credentials leaves a mark. */
async function makeClone(to: GitServer): Promise<void> {
  const home = join(folder.path, 'home')
  await mkdir(home, { recursive: true })
  const asks = join(home, 'ask')
  await writeFile(asks, `#!/bin/sh\necho asked >>${join(folder.path, 'asked')}\necho password\n`, { mode: 0o755 })
  await writeFile(join(home, 'gitconfig'), `[core]\n\taskPass = ${asks}\n[credential]\n\thelper = ${asks}\n`)
  const config = { GIT_CONFIG_GLOBAL: join(home, 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1' }
  setEnvironment({ HOME: home, ...config, GIT_ASKPASS: asks, SSH_ASKPASS: asks })
  const clone = await mkdtemp(join(folder.path, 'clone-'))
  process.chdir(clone)
  await git('init', '--quiet')
  await git('commit', '--quiet', '--allow-empty', '--message', 'first')
  first = await git('rev-parse', 'HEAD')
  await to.git('fetch', '--quiet', clone, `HEAD:${REF}`)
  await git('remote', 'add', 'origin', to.remote)
}

/** A commit by the workflow on top of the branch. */
async function commitResults(content: string | Buffer = 'accuracy: 1\n'): Promise<string> {
  await mkdir('results', { recursive: true })
  await writeFile('results/table', content)
  const commit = await commitPaths(['results'], 'Train first')
  expect(commit).toMatch(/^[0-9a-f]{40}$/)
  return commit as string
}

const push = (commit: string, { token = TOKEN, serverUrl = server.url } = {}) =>
  pushCommit(commit, { ref: REF, expected: first, serverUrl, token })

/** The message of a push that must fail: one line, and no token anywhere in the error. */
async function refusal(pushed: Promise<unknown>, ...secrets: string[]): Promise<string> {
  const error = await pushed.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(GitError)
  const { message } = error as GitError
  expect(message).toMatch(/^`git push` failed: \S.*\. \S.*\.$/)
  expect(message).not.toMatch(/\p{Cc}|\s\s/u)
  for (const secret of [...SECRETS, ...secrets]) expect(inspect(error, { depth: null })).not.toContain(secret)
  return message
}

const tip = () => server.git('rev-parse', REF)
const wasAsked = () => existsSync(join(folder.path, 'asked'))

beforeEach(async () => {
  server = await startGitServer(TOKEN)
  await makeClone(server)
})

afterEach(async () => {
  process.chdir(before)
  vi.unstubAllEnvs()
  await server.close()
})

describe('pushCommit over HTTP', () => {
  it('pushes with the token, which is on no command line and in no file', async () => {
    const commit = await commitResults()
    expect(await push(commit)).toBe(true)
    expect(await tip()).toBe(commit)
    for (const { authorizations } of server.requests) expect(authorizations).toEqual([`basic ${basic(TOKEN)}`])
    expect(server.requests.map(({ what }) => what)).toContain('POST /images.git/git-receive-pack')
    const lines = [...server.commandLines]
    expect(lines.filter((line) => line.includes('git push') || line.includes('git-remote-http'))).not.toEqual([])
    for (const secret of SECRETS) expect(lines.filter((line) => line.includes(secret))).toEqual([])
    expect(await readFile('.git/config', 'utf8')).not.toContain('extraheader')
  })

  it('pushes a commit larger than what git sends in one request', async () => {
    const commit = await commitResults(randomBytes(3 * 2 ** 20))
    expect(await push(commit)).toBe(true)
    expect(await tip()).toBe(commit)
  })

  it.each([
    ['no token', ''],
    ['a wrong token', 'ghs_wrong-1234567890'],
  ])('fails with one line for %s, without asking for credentials', async (_name, token) => {
    const commit = await commitResults()
    const message = await refusal(push(commit, { token }), 'ghs_wrong-1234567890', basic('ghs_wrong-1234567890'))
    expect(message).toContain(server.url)
    expect(await tip()).toBe(first)
    expect(wasAsked()).toBe(false)
  })

  it('says nothing of a password in the address of origin', async () => {
    const commit = await commitResults()
    await git('remote', 'set-url', 'origin', server.remote.replace('://', '://me:s3cret@'))
    const message = await refusal(push(commit, { token: '' }), 's3cret')
    expect(message).toContain(server.url)
  })

  it('sends the token to no other server', async () => {
    const commit = await commitResults()
    await refusal(push(commit, { serverUrl: 'https://github.test' }))
    expect(server.requests.length).toBeGreaterThan(0)
    expect(server.requests.flatMap(({ authorizations }) => authorizations)).toEqual([])
  })

  it('does not follow a redirect to another server', async () => {
    const commit = await commitResults()
    const elsewhere = await startGitServer(TOKEN)
    await elsewhere.git('fetch', '--quiet', process.cwd(), `${first}:${REF}`)
    const guide = await serve((request, response) =>
      response.writeHead(302, { location: `${elsewhere.url}${request.url}` }).end(),
    )
    await git('remote', 'set-url', 'origin', `${guide.url}/images.git`)
    await refusal(push(commit, { serverUrl: guide.url }))
    expect(elsewhere.requests).toEqual([])
    await guide.close()
    await elsewhere.close()
  })

  it('returns false and overwrites nothing if the branch has moved on or was deleted', async () => {
    const commit = await commitResults()
    const tree = await server.git('rev-parse', `${first}^{tree}`)
    const theirs = await server.git(...USER, 'commit-tree', tree, '-p', first, '-m', 'A later push')
    await server.git('update-ref', REF, theirs)
    await server.git('update-ref', `refs/heads/${REF}`, first) // listed first, and ends in the same name
    expect(await push(commit)).toBe(false)
    expect(await tip()).toBe(theirs)
    for (const gone of [REF, `refs/heads/${REF}`]) await server.git('update-ref', '-d', gone)
    expect(await push(commit)).toBe(false)
  })

  it('returns true if only the response was lost', async () => {
    const commit = await commitResults()
    server.loseAnswer()
    expect(await push(commit)).toBe(true)
    expect(await tip()).toBe(commit)
  })

  it('sends only its own token if a checkout left another', async () => {
    await git('config', `http.${server.url}/.extraheader`, `AUTHORIZATION: basic ${basic('of-the-checkout')}`)
    const commit = await commitResults()
    expect(await push(commit)).toBe(true)
    expect(await tip()).toBe(commit)
    expect(new Set(server.requests.flatMap(({ authorizations }) => authorizations))).toEqual(
      new Set([`basic ${basic(TOKEN)}`]),
    )
  })

  it('keeps settings from the environment', async () => {
    await git('remote', 'set-url', 'origin', 'paddock:images.git')
    const insteadOf = { GIT_CONFIG_KEY_0: `url.${server.url}/.insteadOf`, GIT_CONFIG_VALUE_0: 'paddock:' }
    setEnvironment({ GIT_CONFIG_COUNT: '1', ...insteadOf })
    const commit = await commitResults()
    expect(await push(commit)).toBe(true)
    expect(await tip()).toBe(commit)
  })
})

/** A separate package on Debian. */
const hasOpenssl = (await execa('openssl', ['version'], { reject: false })).exitCode === 0

describe('pushCommit over HTTPS', () => {
  it.skipIf(!hasOpenssl)('pushes to a server with a known certificate, and sends nothing to another', async () => {
    const identity = await makeIdentity()
    const secure = await startGitServer(TOKEN, identity)
    await secure.git('fetch', '--quiet', process.cwd(), `${first}:${REF}`)
    await git('remote', 'set-url', 'origin', secure.remote)
    const commit = await commitResults()
    expect(await refusal(push(commit, { serverUrl: secure.url }))).toMatch(/certificate/i)
    expect(secure.requests).toEqual([])
    await writeFile(join(folder.path, 'authority.pem'), identity.cert)
    vi.stubEnv('GIT_SSL_CAINFO', join(folder.path, 'authority.pem'))
    expect(await push(commit, { serverUrl: secure.url })).toBe(true)
    expect(await secure.git('rev-parse', REF)).toBe(commit)
    await secure.close()
  })
})
