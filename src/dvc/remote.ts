import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { execa } from 'execa'
import { readArguments } from '../command-line/arguments.ts'
import { givenPath } from '../command-line/given-path.ts'
import { hasSecret, withoutSecrets } from '../core/address.ts'
import { dvcEnvironment } from '../core/dvc-environment.ts'
import { dvcSetting } from '../core/dvc-objects.ts'
import { ConfigError, DataError, SetupError } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import { requireRepository } from '../git/read.ts'

const HELP = `usage: npm run remote -- URL [--endpoint URL] [--region NAME]
       npm run remote -- --check | --heal

Where DVC keeps data for other machines: URL is s3://bucket/path, an existing
folder (/path, ./path, ../path), or anything else that DVC supports. Writes
.dvc/config with verify = true, so that a damaged object is refused when it is
pulled, then tries to write, read and delete there. If the new remote fails, the
old one is kept.

Keys come from the environment (AWS_ACCESS_KEY_ID, …), from a profile, or from
.dvc/config.local, which git ignores:
  npm run dvc -- remote modify --local storage access_key_id …

  --endpoint URL  of an S3 server that is not Amazon's
  --region NAME   of the bucket
  --check         reads every object of the remote, and those in this machine's
                  cache that dvc.lock needs; names damaged and missing ones
  --heal          also replaces each with an intact copy from the cache, the
                  checkout or the remote
  --help          this text`

const SCRIPT = 'src/dvc/remote.py'
const PYTHON = '.venv/bin/python'

const OPTIONS = {
  endpoint: { type: 'string' },
  region: { type: 'string' },
  check: { type: 'boolean' },
  heal: { type: 'boolean' },
} as const

/** The command `remote`. @throws ConfigError, DataError */
export async function remote(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 1 })
  if (!given) return undefined
  const { endpoint, region, check, heal } = given.values
  const [url] = given.words
  await requireRepository()
  if (check || heal) {
    const other = url ?? endpoint ?? region
    if (other === undefined) return checkRemote(heal ? 'heal' : 'check')
    throw new ConfigError(
      `Expected nothing else beside --${heal ? 'heal' : 'check'}, which is about the remote in .dvc/config, received ${withoutSecrets(other)}. Set a remote first, without --check or --heal.`,
    )
  }
  if (url === undefined)
    throw new ConfigError('Expected the URL of a remote, --check or --heal, received none. See --help.')
  const checked = checkRemoteUrl(url, endpoint)
  return setRemote(isFolder(checked) ? givenPath(checked) : checked, { endpoint, region })
}

/**
 * Refuses what is neither a URL nor a folder's path, and what would put a secret into .dvc/config, which is committed.
 *
 * @returns the URL @throws ConfigError
 */
export function checkRemoteUrl(url: string, endpoint: string | undefined): string {
  if (!isFolder(url) && !/^[a-z][a-z0-9+.-]*:\/\/./i.test(url)) {
    throw new ConfigError(
      `Expected a URL such as s3://bucket/path, or a folder as /path, ./path or ../path, received ${JSON.stringify(url)}. Write it in full.`,
    )
  }
  for (const each of [url, endpoint ?? '']) {
    if (hasSecret(each)) {
      throw new ConfigError(
        'Expected a URL without keys or passwords, since it is committed, received one with some. Set them in the environment or in .dvc/config.local; see --help.',
      )
    }
  }
  return url
}

function isFolder(url: string): boolean {
  return /^(\/|\.{1,2}(\/|$))/.test(url)
}

async function setRemote(
  url: string,
  { endpoint, region }: { endpoint: string | undefined; region: string | undefined },
): Promise<string> {
  if (!url.includes('://') && !(await stat(url).catch(() => undefined))?.isDirectory()) {
    throw new ConfigError(`Expected an existing folder, received ${url}. Create it, or name another.`)
  }
  const options = { url, verify: 'true', ...(endpoint && { endpointurl: endpoint }), ...(region && { region }) }
  const failure = await runScript(['set', JSON.stringify(options)])
  if (failure === undefined) return `${withoutSecrets(url)} works: written, read and deleted. Commit .dvc/config`
  const { error, kept } = failure
  throw new DataError(
    kept === undefined
      ? `.dvc/config now names ${url}, but it does not work yet: ${error}. Correct that, then run \`npm run doctor\`.`
      : `${url} does not work, so .dvc/config still names ${kept}: ${error}. Correct that, and set it again.`,
  )
}

type Place = 'here' | 'remote'

async function checkRemote(action: 'check' | 'heal'): Promise<string> {
  const hasRemote = dvcSetting('.', 'core', 'remote') !== undefined
  const faults: Message[] = []
  const counts: Record<Place, number> = { here: 0, remote: 0 }
  let progress: ReturnType<typeof openProgress> | undefined
  const failure = await runScript([action], (message) => {
    if ('object' in message) return void faults.push(message)
    const place = message.place as Place
    const [done, total] = [Number(message.done), Number(message.total)]
    counts[place] = total
    if (done === 1) progress?.stop()
    if (done === 1)
      progress = openProgress(`remote: objects ${place === 'here' ? 'of the cache' : 'of the remote'}`, total)
    progress?.update(done)
  })
  progress?.stop()
  for (const { object, path, size, fault, healed } of faults) {
    const shown = withoutSecrets(String(object))
    console.log(`remote: ${shown} (${path}, ${size} bytes): ${fault}${healed ? '; replaced' : ''}`)
  }
  if (failure) throw new DataError(`The remote cannot be read: ${failure.error}. Run \`npm run doctor\`.`)
  const left = { here: leftAt('here', faults), remote: leftAt('remote', faults) }
  if (left.here + left.remote > 0) {
    const repro = hasRemote ? 'npm run repro -- --pull' : 'npm run repro'
    throw new DataError(describeLeft(action, { left, counts, faults, repro }))
  }
  if (hasRemote && counts.remote === 0) return 'the remote is empty; `npm run dvc -- push --run-cache` fills it'
  const count = counts.here + counts.remote
  const replaced = faults.length > 0 ? `, ${faults.length} of them replaced` : ''
  const without = hasRemote ? '' : '; there is no remote'
  return `${count === 1 ? '1 object is' : `all ${count} objects are`} intact${replaced}${without}`
}

function leftAt(place: Place, faults: readonly Message[]): number {
  return faults.filter((fault) => fault.place === place && !fault.healed).length
}

/** What is damaged, and what to do, for the cache and for the remote. */
function describeLeft(
  action: 'check' | 'heal',
  found: Readonly<Record<'left' | 'counts', Record<Place, number>>> & {
    readonly faults: readonly Message[]
    readonly repro: string
  },
): string {
  const { left, counts, faults, repro } = found
  const onRemote = faults.filter(({ place }) => place === 'remote').length
  const here = {
    check: `${left.here} of ${counts.here} objects that dvc.lock needs are damaged or missing in this machine's cache. Run \`npm run remote -- --heal\`.`,
    heal: `Objects of this machine's cache without an intact copy: ${left.here}. They and their files were removed; \`${repro}\` makes them again.`,
  }
  const remote = {
    check: `${left.remote} of ${counts.remote} objects of the remote are damaged. Run \`npm run remote -- --heal\` on a machine that has their data.`,
    heal: `${left.remote} of ${onRemote} damaged objects of the remote are not in this machine's cache. Run this where they were made, or delete them on the remote and run \`npm run repro\`.`,
  }
  return [...(left.here > 0 ? [here[action]] : []), ...(left.remote > 0 ? [remote[action]] : [])].join(' ')
}

type Message = Readonly<Record<string, unknown>>

/** Runs the script, calling `onMessage` with each line that it prints. @returns why it failed, if it did */
async function runScript(
  args: readonly string[],
  onMessage: (message: Message) => void = () => {},
): Promise<Message | undefined> {
  if (!existsSync(PYTHON)) throw new SetupError(`Expected ${PYTHON}, received nothing. Run \`npm run setup\`.`)
  const python = execa(PYTHON, [SCRIPT, ...args], {
    env: dvcEnvironment(process.env),
    reject: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let failure: Message | undefined
  for await (const line of python) {
    const message = JSON.parse(String(line)) as Message
    if ('error' in message) failure = message
    else onMessage(message)
  }
  const { exitCode } = await python
  return exitCode === 0 ? undefined : (failure ?? { error: `exit code ${exitCode}` })
}
