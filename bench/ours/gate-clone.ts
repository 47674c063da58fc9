import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { paths } from '../../src/core/paths.ts'
import { publishedWeights } from '../../src/network/published.ts'
import { pretrainedSource, readWeights } from '../../src/network/weights.ts'
import { type Clone, cloneCheckout } from '../../test/support/clone.ts'
import { listPhotographs } from './photographs.ts'

export const CONFIG = 'mobilenet075-transfer'
const SMALL = { architecture: 'mobilenet', mode: 'transfer', width: 0.25 } as const
const LARGE = { ...SMALL, width: 0.75 } as const

/** What is trained: one configuration, or five that differ in network and learning rate. */
export const ENTRIES = {
  one: { [CONFIG]: LARGE },
  five: {
    fast: SMALL,
    'fast-3': { ...SMALL, learningRate: 0.003 },
    [CONFIG]: LARGE,
    [`${CONFIG}-3`]: { ...LARGE, learningRate: 0.003 },
    [`${CONFIG}-10`]: { ...LARGE, learningRate: 0.01 },
  },
} as const

/** Of the head, on both sides, without an early end. */
export const EPOCHS = 10

/** So many of each class, the first by name, are the test set. */
const TEST_IMAGES_PER_CLASS = 3

/** A clone of this checkout that trains MobileNet on the photographs, and back to where nothing has run. */
export interface GateClone {
  readonly root: string
  /** Removes what the stages wrote, DVC's copies included. */
  reset(): Promise<void>
  remove(): Promise<void>
  /** The environment of a stage or of DVC: without cached features or checkpoints of others. */
  readonly env: Readonly<Record<string, string>>
}

/** Clones this checkout and takes the profile `folder` with the photographs, without variants and with a gate that passes. */
export async function openGateClone(models: (typeof ENTRIES)[keyof typeof ENTRIES]): Promise<GateClone> {
  const clone = await cloneCheckout()
  await usePhotographs(clone)
  for (const network of [SMALL, LARGE]) {
    await readWeights(pretrainedSource(CONFIG, undefined, publishedWeights(network))) // into the cache, where the peer takes them too
  }
  await clone.set({
    'augment.copies': 0,
    'train.epochs': EPOCHS,
    'train.stopping.early': null,
    models,
    'gate.validation': 0,
    'gate.test': 0,
  })
  const path = (...names: string[]) => join(clone.root, ...names)
  await cp(path('.dvc'), path('.paddock/dvc'), { recursive: true })
  const caches = ['.paddock/features', '.paddock/trainings', '.paddock/checkpoints']
  const written = ['artifacts', 'results', 'dvc.lock', '.dvc', ...caches]
  return {
    root: clone.root,
    reset: async () => {
      for (const name of written) await rm(path(name), { recursive: true, force: true })
      await cp(path('.paddock/dvc'), path('.dvc'), { recursive: true })
      await clone.write(paths.testEvaluations, '')
    },
    remove: () => clone.remove(),
    env: {
      PADDOCK_FEATURES: path('.paddock/features'),
      PADDOCK_CHECKPOINTS: path('.paddock/checkpoints'),
    },
  }
}

async function usePhotographs({ root }: Clone): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-bench-'))
  const counts = new Map<string, number>()
  for (const file of await listPhotographs(process.env.PADDOCK_BENCH_PHOTOGRAPHS ?? '')) {
    const label = basename(dirname(file))
    const place = counts.get(label) ?? 0
    counts.set(label, place + 1)
    const target = join(folder, place < TEST_IMAGES_PER_CLASS ? 'test' : 'train', label)
    await mkdir(target, { recursive: true })
    await cp(file, join(target, basename(file)))
  }
  const args = ['commands/use.ts', 'folder', '--data', join(folder, 'train'), '--test', join(folder, 'test')]
  await execa(process.execPath, [...args], { cwd: root })
  await rm(folder, { recursive: true })
}
