import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { S3_KEYS } from './s3-request.ts'

/** A small pipeline of two trainings, a second of work each, in a repository of its own. */
export interface Project {
  readonly root: string
  dvc(...args: string[]): Promise<Ended>
  /** DVC again, until the condition holds or it ends; then its process group is killed. */
  dvcUntil(isOver: () => boolean, ...args: string[]): Promise<Ended>
  /** One of our commands. */
  run(command: string, ...args: string[]): Promise<Ended>
  remote(...args: string[]): Promise<Ended>
  git(...args: string[]): Promise<string>
  write(path: string, content: string): Promise<void>
  read(path: string): Promise<string>
  /** MD5 of every file below a folder, by path. */
  hashes(folder: string): Promise<Record<string, string>>
  /** What git has, in another folder. */
  clone(): Promise<Project>
  remove(path?: string): Promise<void>
}

export interface Ended {
  readonly exitCode: number
  readonly output: string
}

/** Bytes of the larger file of a training; `salt` makes other ones. */
export const MODEL_BYTES = 3_000_000

const FILES = {
  'params.yaml': 'salt: 1\nmodels:\n  a: {}\n  b: {}\n',
  'dvc.yaml': `stages:
  train:
    foreach: \${models}
    do:
      cmd: node train.mjs \${key}
      deps: [train.mjs]
      params: [salt]
      outs: ["artifacts/train/\${key}"]
`,
  'train.mjs': `import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const folder = \`artifacts/train/\${process.argv[2]}\`
const seed = folder + readFileSync('params.yaml', 'utf8').split('\\n')[0]
mkdirSync(folder, { recursive: true })
const blocks = Array.from({ length: ${MODEL_BYTES} / 32 }, (_, i) => createHash('sha256').update(seed + i).digest())
writeFileSync(folder + '/weights.bin', Buffer.concat(blocks))
writeFileSync(folder + '/history.csv', seed)
`,
  '.gitignore': '/artifacts\n/node_modules\n/.venv\n/src\n/commands\n/package.json\n/tsconfig.json\n/home\n',
  '.dvcignore': '/node_modules\n/.venv\n/src\n/commands\n/home\n',
  '.dvc/config': '[core]\n    analytics = false\n    check_update = false\n',
  '.dvc/.gitignore': '/config.local\n/tmp\n/cache\n',
}
const SHARED = ['node_modules', '.venv', 'src', 'commands', 'package.json', 'tsconfig.json']
const GIT_USER = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']

export async function makeProject(): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-storage-'))
  const project = await openProject(root)
  for (const [path, text] of Object.entries(FILES)) await project.write(path, text)
  await project.git('init', '--quiet')
  return project
}

async function openProject(root: string): Promise<Project> {
  for (const name of SHARED) await symlink(resolve(name), join(root, name))
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(root, 'home'), // nobody's AWS profile
    AWS_EC2_METADATA_DISABLED: 'true',
    ...S3_KEYS,
  }
  const start = (program: string, args: readonly string[]) =>
    execa(program, args, {
      cwd: root,
      env,
      extendEnv: false,
      all: true,
      reject: false,
      stdin: 'ignore',
      detached: true,
    })
  const ended = ({ exitCode, all }: { exitCode?: number; all: string }): Ended => ({
    exitCode: exitCode ?? 137,
    output: all,
  })
  const project: Project = {
    root,
    dvc: async (...args) => ended(await start('.venv/bin/dvc', args)),
    dvcUntil: async (isOver, ...args) => {
      const running = start('.venv/bin/dvc', args)
      const watch = setInterval(() => isOver() && running.pid && process.kill(-running.pid, 'SIGKILL'), 50)
      const result = await running
      clearInterval(watch)
      return ended(result)
    },
    run: async (command, ...args) => ended(await start(process.execPath, [`commands/${command}.ts`, ...args])),
    remote: (...args) => project.run('remote', ...args),
    git: async (...args) => (await execa('git', [...GIT_USER, ...args], { cwd: root })).stdout,
    write: async (path, content) => {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    },
    read: (path) => readFile(join(root, path), 'utf8'),
    hashes: (folder) => hashesBelow(join(root, folder)),
    clone: async () => {
      const other = await mkdtemp(join(tmpdir(), 'paddock-storage-'))
      await execa('git', ['clone', '--quiet', root, other])
      return openProject(other)
    },
    remove: (path = '.') => rm(join(root, path), { recursive: true, force: true }),
  }
  return project
}

async function hashesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== '.gitignore')
    .map((entry) => join(entry.parentPath, entry.name))
  const hashed = files.sort().map(async (path) => {
    const md5 = createHash('md5')
      .update(await readFile(path))
      .digest('hex')
    return [path.slice(folder.length + 1), md5] as const
  })
  return Object.fromEntries(await Promise.all(hashed))
}
