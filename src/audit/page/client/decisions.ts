import type { Decision } from '../../../workspace/decisions.ts'
import type { AuditImage } from '../data.ts'

/** What was decided about an image. */
export type Verdict = { readonly decision: 'keep' | 'exclude' } | { readonly decision: 'relabel'; readonly to: string }

/** One entry of the browser's storage for all pages: names of images with their content, so that no page reads another's. */
const KEY = 'paddock-audit'

/** Decisions that survive a reload. */
export interface Decisions {
  of(image: AuditImage): Verdict | undefined
  /** Undefined takes a decision back. */
  set(image: AuditImage, verdict: Verdict | undefined): void
  /** Whether the browser keeps them. */
  readonly isKept: boolean
}

export function openDecisions(storage: Storage | undefined = browserStorage()): Decisions {
  const verdicts = new Map(readAll(storage))
  let isKept = storage !== undefined
  return {
    of: (image) => verdicts.get(keyOf(image)),
    set: (image, verdict) => {
      const all = new Map(readAll(storage)) // another tab may have added some
      for (const each of [verdicts, all]) {
        if (verdict) each.set(keyOf(image), verdict)
        else each.delete(keyOf(image))
      }
      try {
        storage?.setItem(KEY, JSON.stringify([...all]))
      } catch {
        isKept = false
      }
    },
    get isKept() {
      return isKept
    },
  }
}

/** The file that `npm run add -- --apply` reads. */
export function decisionsFile(images: readonly AuditImage[], decisions: Decisions): string {
  const made = images.flatMap((image): Decision[] => {
    const verdict = decisions.of(image)
    const { id, sha256, label, why } = image
    return verdict ? [{ id, sha256, label, ...verdict, why: why.join('; ') }] : []
  })
  return `${JSON.stringify({ decisions: made }, null, 2)}\n`
}

function keyOf({ sha256, id }: AuditImage): string {
  return `${sha256} ${id}`
}

function readAll(storage: Storage | undefined): [string, Verdict][] {
  try {
    return JSON.parse(storage?.getItem(KEY) ?? '[]') as [string, Verdict][]
  } catch {
    return []
  }
}

/** Undefined where the browser forbids it. */
function browserStorage(): Storage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}
