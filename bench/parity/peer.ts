import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { z } from 'zod'
import { PaddockError } from '../../src/core/errors.ts'
import type { NamedTensor } from '../../src/network/weight-files.ts'

/** Keras with one network, in a process of its own; close it. */
export interface Peer {
  /** The file of weights that Keras wrote, and the official one that it stands for. */
  readonly weights: string
  readonly official: { readonly url: string; readonly md5: string }
  /** What each layer gives for an image, one tensor at a time; the next question may come after the last of them. */
  outputs(image: number): AsyncGenerator<[name: string, tensor: NamedTensor]>
  /**
   * `loss`, `gradient/<weight>` and `statistic/<weight>` of the training step on the first images, whose ReLUs let through
   * what the masks say; `kinks` is the greatest number that they decide otherwise, relative to the greatest of its layer.
   */
  step(count: number, masks: ReadonlyMap<string, Uint8Array>): Promise<Map<string, NamedTensor>>
  /** The lines of layers that Keras's `summary` prints of the network without its head. */
  summary(): Promise<string[]>
  close(): Promise<void>
}

export const PARITY_PYTHON = '.paddock/bench-venv/bin/python'

const greeting = z.object({ weights: z.string(), url: z.string(), md5: z.string() })
const listing = z.object({ tensors: z.array(z.tuple([z.string(), z.array(z.int())])) })
const printed = z.object({ lines: z.array(z.string()) })

/**
 * Starts Keras on a network and images, with the environment of this process.
 *
 * @param pixels file of the images, uint8 `[N, S, S, 3]`
 * @param folder for the weights, and for tensors on their way here
 */
export async function openPeer(network: string, side: number, pixels: string, folder: string): Promise<Peer> {
  const child = execa(PARITY_PYTHON, ['bench/parity/keras/serve.py', network, String(side), pixels, folder], {
    env: { KERAS_BACKEND: 'tensorflow', CUDA_VISIBLE_DEVICES: '-1' },
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: { stdout: false },
    reject: false,
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (line.value.startsWith('{')) return JSON.parse(line.value)
    }
    const { exitCode, stderr } = await child
    throw new PaddockError(
      `Expected Keras to answer for ${network} at ${side} px, received exit code ${exitCode}: ${stderr.trim().split('\n').at(-1)}. Run \`node bench/peers/setup.mjs\` for its packages.`,
    )
  }
  const ask = (question: string): Promise<unknown> => {
    child.stdin.write(`${question}\n`)
    return answer()
  }
  const { weights, ...official } = greeting.parse(await answer())
  const tensors = async function* (question: string): AsyncGenerator<[string, NamedTensor]> {
    yield* readTensors(join(folder, 'tensors.f32'), listing.parse(await ask(question)).tensors)
  }
  return {
    weights,
    official,
    outputs: (image) => tensors(`outputs ${image}`),
    step: async (count, masks) => {
      await writeFile(join(folder, 'masks.u8'), Buffer.concat([...masks.values()]))
      const all = new Map<string, NamedTensor>()
      for await (const [name, tensor] of tensors(['step', count, ...masks.keys()].join(' '))) all.set(name, tensor)
      return all
    },
    summary: async () => printed.parse(await ask('summary')).lines,
    close: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** Float32 tensors that lie in a file one after the other. */
async function* readTensors(
  path: string,
  shapes: readonly (readonly [string, readonly number[]])[],
): AsyncGenerator<[string, NamedTensor]> {
  const file = await open(path)
  try {
    for (const [name, shape] of shapes) {
      const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
      const content = Buffer.from(values.buffer)
      const { bytesRead } = await file.read(content)
      if (bytesRead !== content.length) throw new Error(`${path} ends within ${name}`)
      yield [name, { shape, values }]
    }
  } finally {
    await file.close()
  }
}
