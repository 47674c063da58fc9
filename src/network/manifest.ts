import { z } from 'zod'
import { messageOf, WeightsError } from '../core/errors.ts'

/** Values of one weight in row-major order. */
export interface NamedTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const group = z.object({
  /** Shards, to be joined in this order; plain names, for they lie beside model.json. */
  paths: z.array(z.string().regex(/^\w[\w.-]*$/, 'must be the plain name of a file')).min(1),
  weights: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().positive()),
      dtype: z.literal('float32'),
      quantization: z.undefined({ error: 'quantized weights are not taken' }).optional(),
    }),
  ),
})

const layersModel = z.object({ weightsManifest: z.array(group).min(1) })

export type ShardGroup = z.infer<typeof group>

/** Which tensors lie in which shards; `place` is what a message calls the file. @throws WeightsError when it is no layers model. */
export function parseManifest(json: string, place: string): readonly ShardGroup[] {
  const result = layersModel.safeParse(parseJson(json, place))
  if (result.success) return result.data.weightsManifest
  throw new WeightsError(
    `Expected ${place} to be the model.json of a TensorFlow.js layers model, received:\n${z.prettifyError(result.error)}`,
  )
}

/** The tensors of one group from its joined shards. @throws WeightsError when the shards are of another size. */
export function tensorsOf({ paths, weights }: ShardGroup, content: Buffer, place: string): [string, NamedTensor][] {
  const sizes = weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1))
  const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0)
  if (content.length !== bytes) {
    throw new WeightsError(
      `Expected ${bytes} bytes in ${paths.join(', ')} beside ${place}, received ${content.length}. Get the files again.`,
    )
  }
  const values = new Float32Array(new Uint8Array(content).buffer) // a copy, since a Buffer may begin at any byte
  let start = 0
  return weights.map(({ name, shape }, index) => {
    const end = start + (sizes[index] ?? 0)
    const tensor = { shape, values: values.slice(start, end) }
    start = end
    return [name, tensor]
  })
}

function parseJson(json: string, place: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new WeightsError(`Expected ${place} to be JSON, received: ${messageOf(error)}. Get the file again.`)
  }
}
