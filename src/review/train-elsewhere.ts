import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { paths } from '../core/paths.ts'

/** What is trained. */
export interface Repetition {
  readonly config: string
  /** After how many epochs it is ended by hand; undefined: it ends by itself. */
  readonly epochs: number | undefined
}

/** How a training in a temporary folder ended. */
export interface Elsewhere {
  readonly folder: string
  readonly exitCode: number | undefined
  /** The signal that this program was told to end with. */
  readonly signal: NodeJS.Signals | undefined
}

/** What the training has of its own, or does without. */
const OWN = new Set(['artifacts', 'results', '.git', '.dvc'])
/** Variables that hold a path, which is taken from the checkout. */
const PATHS = ['PADDOCK_CACHE', 'PADDOCK_MIRROR'] as const
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs the stage train for a configuration in a temporary folder, whose other files are links to the checkout's, and works
 * with what came of it; the folder is removed afterwards.
 *
 * Checkpoints and features are its own, so that it goes on from nothing and nothing of the checkout changes.
 */
export async function trainElsewhere<T>(
  { config, epochs }: Repetition,
  work: (ended: Elsewhere) => Promise<T>,
): Promise<T> {
  const program =
    epochs === undefined ? ['pipeline/train.ts', config] : ['commands/certify/train.ts', config, String(epochs)]
  const folder = await mkdtemp(join(tmpdir(), 'paddock-certify-'))
  try {
    await linkCheckout(folder)
    const training = execa(process.execPath, [...program], {
      cwd: folder,
      env: environmentOf(folder),
      reject: false,
      stdio: 'inherit',
    })
    let signal: NodeJS.Signals | undefined
    const stop = (received: NodeJS.Signals) => {
      signal ??= received
      training.kill(received)
    }
    for (const name of SIGNALS) process.on(name, stop)
    const { exitCode } = await training
    for (const name of SIGNALS) process.off(name, stop)
    return await work({ folder, exitCode, signal })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function linkCheckout(folder: string): Promise<void> {
  for (const name of await readdir('.')) if (!OWN.has(name)) await symlink(resolve(name), join(folder, name))
  await mkdir(join(folder, 'artifacts'))
  await symlink(resolve(paths.augment), join(folder, paths.augment))
}

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const given = PATHS.flatMap((name) => {
    const path = process.env[name]
    return path ? [[name, resolve(path)] as const] : []
  })
  return {
    ...Object.fromEntries(given),
    PADDOCK_CHECKPOINTS: join(folder, 'checkpoints'),
    PADDOCK_FEATURES: join(folder, 'features'),
  }
}
