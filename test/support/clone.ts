import { existsSync, lstatSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { type Document, parseDocument } from 'yaml'

/** What a command left: its exit code, and what it printed on both streams. */
export interface Outcome {
  readonly exitCode: number | undefined
  readonly output: string
}

/**
 * A clone of this checkout, changes that are not committed included, which shares its node_modules and .venv.
 *
 * Checkpoints and features are its own, so that no clone continues the training of another.
 */
export interface Clone {
  readonly root: string
  /** The text of a file. */
  read(path: string): Promise<string>
  /** Writes a file, and the folders on the way to it. */
  write(path: string, content: string | Uint8Array): Promise<void>
  /** Changes params.yaml: `set({ 'gate.test': 1 })`; undefined removes a key. */
  set(values: Readonly<Record<string, unknown>>): Promise<void>
  /** Runs one of the commands: `run('repro', 'split')`. */
  run(command: string, ...args: string[]): Promise<Outcome>
  /** Runs one of them in this process, with the code of this checkout. */
  runHere(command: string, ...args: string[]): Promise<Outcome>
  /** Runs one of them and sends it SIGINT at the first line that holds some words. */
  interrupt(words: string, command: string, ...args: string[]): Promise<Outcome>
  /** Runs `.venv/bin/dvc` by itself, in an environment of PATH, HOME and where checkpoints, features and pixels go. */
  plainDvc(...args: string[]): Promise<Outcome>
  git(...args: string[]): Promise<string>
  /** Removes a file or folder, or the clone itself. */
  remove(path?: string): Promise<void>
}

const SHARED = ['node_modules', '.venv']
/** Options of git for a commit. */
export const GIT_USER = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']

/** Clones this checkout into a temporary folder. */
export async function cloneCheckout(): Promise<Clone> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-clone-'))
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'])
  const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined // or deleted, not yet committed
  await execa('cp', [
    '--parents',
    '--no-dereference',
    '--target-directory',
    root,
    ...stdout.split('\0').filter(isThere),
  ])
  const clone = await openClone(root)
  await clone.git('init', '--quiet')
  await commit(clone)
  return clone
}

/** Clones what a clone has committed. */
export async function cloneAgain({ root }: Clone): Promise<Clone> {
  return cloneAt(root)
}

/** Clones a repository, with a branch of it checked out. */
export async function cloneAt(repository: string, branch?: string): Promise<Clone> {
  const second = await mkdtemp(join(tmpdir(), 'paddock-clone-'))
  await execa('git', ['clone', '--quiet', ...(branch === undefined ? [] : ['--branch', branch]), repository, second])
  return openClone(second)
}

export async function commit({ git }: Clone): Promise<void> {
  await git('add', '--all')
  await git(...GIT_USER, 'commit', '--quiet', '--message', 'test')
}

/** The stages that a run of `dvc repro` started, in order; a stage from the run cache is not among them. */
export function startedStages({ output }: Outcome): string[] {
  return [...output.matchAll(/^Running stage '(.+)':$/gm)].map((match) => match[1] ?? '')
}

/** What `predict --json` printed, with probabilities in the order of the classes and as exact as in predictions.csv. */
export function answersOf(output: string): { file: string; label: string | null; probabilities: number[] }[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{"file"'))
  return lines.map((line) => {
    const { file, label, probabilities } = JSON.parse(line) as Answer
    return { file, label, probabilities: Object.values(probabilities).map((each) => Number(each.toFixed(6))) }
  })
}

interface Answer {
  readonly file: string
  readonly label: string | null
  readonly probabilities: Readonly<Record<string, number>>
}

async function openClone(root: string): Promise<Clone> {
  for (const name of SHARED) await symlink(resolve(name), join(root, name))
  const own = {
    PADDOCK_CHECKPOINTS: join(root, '.paddock/checkpoints'),
    PADDOCK_FEATURES: join(root, '.paddock/features'),
  }
  const run = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv, words?: string) => {
    const options = { cwd: root, env, extendEnv: false, all: true, reject: false, stdin: 'ignore' } as const
    const running = execa(program, args, options)
    let output = ''
    running.all.on('data', (text: Buffer) => {
      const before = output
      output += text
      if (words !== undefined && !before.includes(words) && output.includes(words)) running.kill('SIGINT')
    })
    const { exitCode, all } = await running
    return { exitCode, output: all }
  }
  const runScript = (words: string | undefined, command: string, args: readonly string[]) =>
    run(
      process.execPath,
      [
        existsSync(join(root, `commands/${command}.mjs`)) ? `commands/${command}.mjs` : `commands/${command}.ts`,
        ...args,
      ],
      { ...withoutTestRunner(process.env), ...own },
      words,
    )
  const clone: Clone = {
    root,
    read: (path) => readFile(join(root, path), 'utf8'),
    write: async (path, content) => {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    },
    set: async (values) => clone.write('params.yaml', withValues(await clone.read('params.yaml'), values)),
    run: (command, ...args) => runScript(undefined, command, args),
    runHere: async (command, ...args) => {
      const { runHere } = await import('./run-here.ts') // needs Vitest, which benchmarks have not
      const { exitCode, output } = await runHere(root, `commands/${command}.ts`, ...args)
      return { exitCode, output }
    },
    interrupt: (words, command, ...args) => runScript(words, command, args),
    plainDvc: (...args) =>
      run('.venv/bin/dvc', args, {
        PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        HOME: process.env.HOME,
        ...own,
      }),
    git: async (...args) => (await execa('git', args, { cwd: root })).stdout,
    remove: (path = '.') => rm(join(root, path), { recursive: true, force: true }),
  }
  return clone
}

function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  const document: Document = parseDocument(text)
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined) document.deleteIn(path.split('.'))
    else document.setIn(path.split('.'), document.createNode(value))
  }
  return document.toString()
}

/** The environment as a person's shell has it. */
function withoutTestRunner(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(VITEST|NODE_OPTIONS|npm_|INIT_CWD|NODE_ENV)/.test(name)),
  )
}
