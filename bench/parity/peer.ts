import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { z } from 'zod'
import { PaddockError } from '../../src/core/errors.ts'
import type { NamedTensor } from '../../src/network/weight-files.ts'

/** Keras with one network, in its own process; close it. */
export interface Peer {
  /** The weight file that Keras wrote. */
  readonly weights: string
  /** The output of each layer for an image, one tensor at a time; read all of them before the next call. */
  outputs(image: number): AsyncGenerator<[name: string, tensor: NamedTensor]>
  /**
   * `loss`, `gradient/<weight>` and `statistic/<weight>` of the training step on the first images, with ReLUs that follow the
   * masks; `kinks` is the largest input that a mask decides against its sign, relative to the maximum of its layer.
   */
  step(count: number, masks: ReadonlyMap<string, Uint8Array>): Promise<Map<string, NamedTensor>>
  /** The layers in Keras's `summary` of the network without its head. */
  summary(): Promise<string[]>
  close(): Promise<void>
}

export const PARITY_PYTHON = '.paddock/bench-venv/bin/python'

const greeting = z.object({ weights: z.string() })
const listing = z.object({ tensors: z.array(z.tuple([z.string(), z.array(z.int())])) })
const printed = z.object({ lines: z.array(z.string()) })

/**
 * Starts Keras with a network and images, in the environment of this process.
 *
 * @param pixels file of the images, uint8 `[N, S, S, 3]`
 * @param folder for the weights and the tensors that Keras sends
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
  const { weights } = greeting.parse(await answer())
  const tensors = async function* (question: string): AsyncGenerator<[string, NamedTensor]> {
    yield* readTensors(join(folder, 'tensors.f32'), listing.parse(await ask(question)).tensors)
  }
  return {
    weights,
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

/** Float32 tensors from a file that holds them one after another. */
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
