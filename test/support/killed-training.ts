import { watch } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { requestFinishIn } from '../../src/train/checkpointer.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { trainParams } from './train-params.ts'

/** The result of a training: a digest of its weights, and its history. */
export interface Outcome {
  readonly digest: string
  readonly history: readonly unknown[]
}

export const PARAMS = trainParams({
  l2: 0.001,
  stopping: {
    early: { monitor: 'validation_accuracy', patience: 6, minChange: 0 },
    converged: null,
    overfitting: null,
    target: null,
  },
})

const PROGRAM = 'test/support/interruptible.ts'
const DVC = resolve('.venv/bin/dvc')
/** What the training prints at each step: epoch and images. */
const LINE = /^\d+ \d+$/

/** A training in a process of its own, in a temporary folder. */
export interface KilledTraining {
  /** Starts it; sends `signal` after `lines` lines of its output and `delayMs` more. Gives the exit code and stderr. */
  kill(
    signal: NodeJS.Signals,
    lines: number,
    delayMs: number,
  ): Promise<{ exitCode: number | undefined; seconds: number; stderr: string }>
  /** Starts it; sends SIGKILL when it begins to write a checkpoint, after `lines` of its lines. Gives whether a checkpoint is partial. */
  killWhileWriting(lines: number): Promise<boolean>
  /** Starts it by DVC, as the only stage of a project; sends SIGKILL to DVC alone after `lines` lines. Gives the training's stderr. */
  killDvc(lines: number): Promise<{ seconds: number; stderr: string }>
  /** Starts it; asks it to finish after `lines` lines, and waits for its end. */
  askToFinish(lines: number): Promise<Outcome>
  /** Runs it to its end with checkpoints on a disk of `bytes`; gives its stderr too. Undefined where such a disk cannot be mounted. */
  finishOnDisk(bytes: number): Promise<(Outcome & { stderr: string }) | undefined>
  /** Runs it to its end. */
  finish(): Promise<Outcome>
  remove(): Promise<void>
}

export async function openKilledTraining(
  params: Partial<TrainParams>,
  env: Record<string, string> = {},
  part: 'all' | 'head' = 'all',
  /** Words before the command. */
  under: readonly string[] = [],
): Promise<KilledTraining> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-killed-'))
  const checkpoints = join(folder, 'checkpoints')
  const resultOf = async ({ exitCode, stderr }: { exitCode?: number | undefined; stderr: string }) => {
    if (exitCode !== 0) throw new Error(`the training ended with ${exitCode}: ${stderr}`)
    return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as Outcome
  }
  const given = JSON.stringify({ ...PARAMS, ...params })
  const [program = 'node', ...words] = [...under, 'node', PROGRAM, folder, given, part]
  const start = () => execa(program, words, { reject: false, env })
  return {
    kill: async (signal, lines, delayMs) => {
      const child = start()
      let seen = 0
      let killedMs = 0
      for await (const _line of child.iterable()) {
        if (++seen !== lines) continue
        setTimeout(() => {
          killedMs = performance.now()
          child.kill(signal)
        }, delayMs)
      }
      const { exitCode, stderr } = await child
      return { exitCode, seconds: (performance.now() - killedMs) / 1000, stderr }
    },
    killWhileWriting: async (lines) => {
      const child = start()
      let seen = 0
      for await (const _line of child.iterable()) {
        if (++seen !== lines) continue
        const watcher = watch(checkpoints)
        watcher.on('change', (_event, name) => {
          if (!String(name).endsWith('.tmp')) return
          child.kill('SIGKILL')
          watcher.close()
        })
      }
      await child
      const cutOff = (await readdir(checkpoints)).filter((name) => name.endsWith('.tmp'))
      return cutOff.length > 0
    },
    killDvc: async (lines) => {
      const command = ['node', resolve(PROGRAM), folder, `'${given}'`, part].join(' ')
      await writeFile(join(folder, 'input'), '')
      await writeFile(join(folder, 'dvc.yaml'), stringify({ stages: { train: { cmd: command, deps: ['input'] } } }))
      await execa(DVC, ['init', '--quiet', '--no-scm'], { cwd: folder })
      const dvc = execa(DVC, ['repro'], { cwd: folder, reject: false })
      let seen = 0
      let killedMs = 0
      for await (const line of dvc.iterable()) {
        if (!LINE.test(line) || ++seen !== lines) continue
        killedMs = performance.now()
        dvc.kill('SIGKILL')
      }
      const { stderr } = await dvc // which the training has too, so that this is its end
      return { seconds: (performance.now() - killedMs) / 1000, stderr }
    },
    askToFinish: async (lines) => {
      const child = start()
      let seen = 0
      for await (const _line of child.iterable()) if (++seen === lines) await requestFinishIn(checkpoints)
      return resultOf(await child)
    },
    finishOnDisk: async (bytes) => {
      const disk = join(folder, 'disk')
      await mkdir(disk)
      await symlink(join(disk, 'checkpoints'), checkpoints)
      const mount = 'mount -t tmpfs -o size="$0" tmpfs "$1" && mkdir "$1/checkpoints" && shift && exec "$@"'
      const onDisk = ['--map-root-user', '--mount', 'sh', '-c', mount, String(bytes), disk]
      const { exitCode } = await execa('unshare', [...onDisk, 'true'], { reject: false })
      if (exitCode !== 0) return undefined
      const command = ['node', PROGRAM, folder, given, part]
      const ended = await execa('unshare', [...onDisk, ...command], { reject: false, env })
      return { ...(await resultOf(ended)), stderr: ended.stderr }
    },
    finish: async () => resultOf(await start()),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
