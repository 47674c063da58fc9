import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { readWorkflows } from './workflows.ts'

/** Where a workflow runs: its repository, the servers it uses, and what its runner keeps outside the workspace. */
export interface Ground {
  /** A folder for the files of all runs. */
  readonly folder: string
  /** The bare repository. */
  readonly origin: string
  readonly secrets: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

export interface Trigger {
  readonly event: 'push' | 'pull_request' | 'workflow_dispatch'
  /** File name. */
  readonly workflow: string
  readonly branch: string
  /** The commit that was pushed; by default the branch's newest. */
  readonly commit?: string
  /** The event's payload. */
  readonly payload?: object
  readonly env?: Readonly<Record<string, string>>
}

export interface JobRun {
  /** The job's key in the workflow. */
  readonly id: string
  /** The matrix entry, where there is one. */
  readonly config: string | undefined
  readonly result: string | undefined
  readonly output: string
  readonly outputs: Readonly<Record<string, string>>
  /** Times of the first and the last line of its steps, in milliseconds. */
  readonly span: readonly [number, number]
}

export interface WorkflowRun {
  readonly exitCode: number | null
  readonly jobs: readonly JobRun[]
  /** The whole output. */
  readonly log: string
}

export interface Running {
  /** The output so far. */
  log(): string
  /** Kills every process of the run with SIGKILL, in whatever group, as when a machine dies. */
  kill(): Promise<void>
  readonly done: Promise<WorkflowRun>
}

const ACT = '.paddock/ci-tools/act'
const LOCAL_ACTIONS = 'test/workflows/actions'
const REPOSITORY = 'https://github.com/tester/images.git'
const LABELS = ['ubuntu-24.04', 'self-hosted', 'gpu']

/** Starts a workflow through act, each job on this machine in a workspace of its own, checked out from `origin`. */
export async function startWorkflow(ground: Ground, trigger: Trigger): Promise<Running> {
  const folder = await mkdtemp(join(ground.folder, 'run-'))
  const checkout = join(folder, 'repository')
  await execa('git', ['clone', '--quiet', '--branch', trigger.branch, ground.origin, checkout])
  if (trigger.commit) await execa('git', ['reset', '--quiet', '--hard', trigger.commit], { cwd: checkout })
  await execa('git', ['remote', 'set-url', 'origin', REPOSITORY], { cwd: checkout }) // act reads owner and name from it
  await writeFile(join(folder, 'event.json'), JSON.stringify(trigger.payload ?? {}))
  const given = {
    ...ground.env,
    ...trigger.env,
    PADDOCK_TEST_ORIGIN: ground.origin,
    PADDOCK_TEST_TOOLS: resolve('.'),
    PADDOCK_TEST_ARTIFACTS: join(folder, 'artifacts'),
  }
  const child = spawn(
    resolve(ACT),
    [
      ...[
        trigger.event,
        '--workflows',
        `.github/workflows/${trigger.workflow}`,
        '--eventpath',
        join(folder, 'event.json'),
      ],
      ...LABELS.flatMap((label) => ['--platform', `${label}=-self-hosted`]),
      ...['--container-daemon-socket', '-', '--no-cache-server', '--no-skip-checkout', '--pull=false', '--json'],
      ...['--action-cache-path', join(folder, 'workspaces')],
      ...(await localActions()).flatMap((pair) => ['--local-repository', pair]),
      ...Object.entries(ground.secrets).flatMap(([name, value]) => ['--secret', `${name}=${value}`]),
      ...Object.entries(given).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ],
    { cwd: checkout, env: { PATH: process.env.PATH, HOME: process.env.HOME }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text))
  const done = new Promise<WorkflowRun>((settle) =>
    child.once('close', (exitCode) => settle({ exitCode, log: readable(log), jobs: jobsOf(log) })),
  )
  return {
    log: () => log,
    done,
    kill: async () => {
      for (const pid of await descendants(child.pid as number)) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {} // it has ended
      }
      await done
    },
  }
}

export async function runWorkflow(ground: Ground, trigger: Trigger): Promise<WorkflowRun> {
  return (await startWorkflow(ground, trigger)).done
}

/** The local folder that replaces each action of the workflows. */
async function localActions(): Promise<string[]> {
  const text = Object.values(await readWorkflows()).join('\n')
  const actions = new Set([...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action as string))
  return [...actions].map((action) => `${action}=${resolve(LOCAL_ACTIONS, /\/([\w-]+)@/.exec(action)?.[1] ?? '')}`)
}

interface Line {
  readonly jobID?: string
  readonly matrix?: { readonly config?: string }
  readonly jobResult?: string
  readonly raw_output?: boolean
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly msg: string
  readonly time: string
}

/** The output of the steps without act's own messages. */
function readable(log: string): string {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => !/LocalRepositoryCache|docker connection/.test(msg))
    .map(({ jobID, matrix, msg }) => `${jobID ?? ''} ${matrix?.config ?? ''} | ${msg.trimEnd()}\n`)
    .join('')
}

function jobsOf(log: string): JobRun[] {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ jobID }) => jobID !== undefined)
  const names = new Set(lines.map((line) => `${line.jobID} ${line.matrix?.config ?? ''}`))
  return [...names].map((name) => {
    const own = lines.filter((line) => `${line.jobID} ${line.matrix?.config ?? ''}` === name)
    const times = own.map(({ time }) => Date.parse(time))
    const outputs = own.filter(({ command }) => command === 'set-output')
    return {
      id: own[0]?.jobID as string,
      config: own[0]?.matrix?.config,
      result: own.findLast(({ jobResult }) => jobResult !== undefined)?.jobResult,
      output: own
        .filter((line) => line.raw_output)
        .map(({ msg }) => msg)
        .join(''),
      outputs: Object.fromEntries(outputs.map(({ name: key, arg }) => [key, arg])),
      span: [Math.min(...times), Math.max(...times)],
    }
  })
}

/** A process and all its descendants. */
async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : ''
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (stat !== '') parents.set(Number(name), Number(fields[1]))
  }
  const found = [root]
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child)
  return found
}
