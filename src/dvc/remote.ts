import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { execa } from 'execa'
import { readArguments } from '../command-line/arguments.ts'
import { ConfigError, DataError, SetupError } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import { restoringFile } from '../core/restore.ts'
import { readDvcConfig } from './dvc-config.ts'
import { readObjectNames } from './object-names.ts'
import { checkRemoteUrl, isFolder } from './remote-url.ts'
import { dvcEnvironment } from './run.ts'

const HELP = `usage: npm run remote -- URL [--endpoint URL] [--region NAME]
       npm run remote -- --check | --heal

Where DVC keeps data for others: URL is s3://bucket/path, a folder that is there (/path, ./path, ../path), or anything else
that DVC speaks. Writes .dvc/config, with verify = true: what was changed there is noticed when it is pulled, and not used.
Then tries to write, read and delete there; where that fails, the remote before is back.

Keys come from the environment (AWS_ACCESS_KEY_ID, …), from a profile, or from .dvc/config.local, which git does not see:
  npm run dvc -- remote modify --local storage access_key_id …

  --endpoint URL   of an S3 server that is not Amazon's
  --region NAME    of the bucket
  --check          reads every object there, and names those that are not what they were
  --heal           puts them right from this machine's cache
  --help           this text`

const NAME = 'storage'
const CONFIG = '.dvc/config'
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
  if (check || heal) return checkRemote(heal ? 'heal' : 'check')
  if (url === undefined)
    throw new ConfigError('Expected the URL of a remote, --check or --heal, received none. See --help.')
  return setRemote(await expectFolder(checkRemoteUrl(url, endpoint)), { endpoint, region })
}

/** @throws ConfigError for a folder that is not there, which would be made where nobody wants it. */
async function expectFolder(url: string): Promise<string> {
  if (!isFolder(url)) return url
  const found = await stat(url).catch(() => undefined)
  if (found?.isDirectory()) return url
  throw new ConfigError(`Expected a folder that is there, received ${url}. Make it, or name another.`)
}

interface RemoteOptions {
  readonly endpoint: string | undefined
  readonly region: string | undefined
}

/** Writes .dvc/config and tries the remote; a remote that was there before is there again when that fails. */
async function setRemote(url: string, { endpoint, region }: RemoteOptions): Promise<string> {
  const options = { url, verify: 'true', ...(endpoint && { endpointurl: endpoint }), ...(region && { region }) }
  const before = currentRemote()
  const set = () => run(['set', NAME, JSON.stringify(options)])
  if (before === undefined) {
    await set()
    await run(['probe']).catch((error: unknown) => {
      throw failedTrial(
        error,
        `.dvc/config names ${url} now, but it does not work yet.`,
        'Mend it, then ask `npm run doctor`.',
      )
    })
  } else {
    await restoringFile(CONFIG, async () => {
      await set()
      await run(['probe'])
    }).catch((error: unknown) => {
      throw failedTrial(
        error,
        `${url} does not work, so .dvc/config names ${before} as before.`,
        'Mend it, and set it again.',
      )
    })
  }
  return `${url} works: written, read and deleted. Commit .dvc/config`
}

function failedTrial(error: unknown, state: string, remedy: string): unknown {
  return error instanceof DataError ? new DataError(`${state} ${error.message} ${remedy}`) : error
}

/** The URL of the remote that .dvc/config names; undefined where it names none. */
function currentRemote(): string | undefined {
  const config = readDvcConfig()
  const name = config.get('core')?.get('remote')
  return name === undefined ? undefined : (config.get(`remote "${name}"`)?.get('url') ?? name)
}

/** Something on the remote that is not what its name says. */
interface Fault {
  readonly object: string
  readonly size: number
  readonly fault: string
  readonly healed: boolean
}

async function checkRemote(action: 'check' | 'heal'): Promise<string> {
  if (currentRemote() === undefined) {
    throw new ConfigError('Expected a remote in .dvc/config, received none. Set one: npm run remote -- URL.')
  }
  const faults: Fault[] = []
  let count = 0
  let progress: ReturnType<typeof openProgress> | undefined
  await run([action], (message) => {
    if ('object' in message) return void faults.push(message as unknown as Fault)
    count = Number(message.total)
    progress ??= openProgress('remote: objects', count)
    progress.update(Number(message.done))
  })
  progress?.stop()
  const names = faults.length > 0 ? await readObjectNames() : new Map<string, string>()
  for (const { object, size, fault, healed } of faults) {
    const name = names.get(object) ?? 'nothing that dvc.lock names'
    const [before, outcome] = healed ? [' before', '; put right'] : ['', '']
    console.log(`remote: ${object} (${name}, ${size} bytes there${before}): ${fault}${outcome}`)
  }
  const left = faults.filter(({ healed }) => !healed).length
  if (count === 0) return 'the remote is there and empty; `npm run dvc -- push --run-cache` fills it'
  if (left === 0) {
    const healed = faults.length > 0 ? `, ${faults.length} of them put right` : ''
    return count === 1 ? `1 object is what it was${healed}` : `${count} objects are what they were${healed}`
  }
  throw new DataError(
    action === 'check'
      ? `Expected all ${count} objects as they were pushed, received ${left} changed. Run \`npm run remote -- --heal\` where their data is.`
      : `Expected this machine's cache to have what puts ${faults.length} of ${count} objects right, received ${faults.length - left}: it lacks ${left}. Run this where they were made, or delete them there and run \`npm run repro\`.`,
  )
}

type Message = Readonly<Record<string, unknown>>

const ASK = ' Ask `npm run doctor`.'
/** What the script does, and what to do where it fails, unless the caller says so. */
const ACTIONS = {
  set: { wanted: '.dvc/config to be written', remedy: ' Look at it.' },
  probe: { wanted: 'the remote to be written, read and deleted', remedy: '' },
  check: { wanted: 'the remote to be read', remedy: ASK },
  heal: { wanted: 'the remote to be read and put right', remedy: ASK },
} as const

/** Runs the script, which speaks with DVC; `onMessage` gets what it says. @throws DataError with its error */
async function run(
  [action, ...words]: readonly [keyof typeof ACTIONS, ...string[]],
  onMessage: (message: Message) => void = () => {},
): Promise<void> {
  if (!existsSync(PYTHON)) throw new SetupError(`Expected ${PYTHON}, received nothing. Run \`npm run setup\`.`)
  const python = execa(PYTHON, [SCRIPT, action, ...words], {
    env: dvcEnvironment(process.env),
    reject: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let error: string | undefined
  for await (const line of python) {
    const message = JSON.parse(String(line)) as Message
    if (typeof message.error === 'string') error = message.error
    else onMessage(message)
  }
  const { exitCode } = await python
  if (exitCode === 0) return
  const { wanted, remedy } = ACTIONS[action]
  throw new DataError(`Expected ${wanted}, received: ${error ?? `exit code ${exitCode}`}.${remedy}`)
}
