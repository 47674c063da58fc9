import type { Arrays } from './checkpoint.ts'

/** Which of a checkpoint's arrays: what the next step depends on, the weights of the best epoch, or of the best one of earlier phases. */
export type ArrayPart = 'now' | 'best' | 'earlier'

/** The arrays of one part under the names that they have in a checkpoint. */
export function toPart(part: ArrayPart, arrays: Arrays): Map<string, Float32Array> {
  return new Map([...arrays].map(([name, values]) => [`${part}:${name}`, values]))
}

/** The arrays of one part of a checkpoint, under their own names. */
export function fromPart(part: ArrayPart, arrays: Arrays): Map<string, Float32Array> {
  const prefix = `${part}:`
  const named = [...arrays].filter(([name]) => name.startsWith(prefix))
  return new Map(named.map(([name, values]) => [name.slice(prefix.length), values]))
}

/** The weights that a model would be saved with at that moment: averaged ones, where they are averaged. */
export function weightsNow(arrays: Arrays): Map<string, Float32Array> {
  const now = fromPart('now', arrays)
  return new Map([...now].map(([name, values]) => [name, now.get(`${name}/average`) ?? values]))
}
