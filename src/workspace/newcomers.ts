import { posix } from 'node:path'

/** The images whose content is not known yet, each content once; and the others. */
export function newImages<Image extends { readonly sha256: string }>(
  images: readonly Image[],
  known: ReadonlySet<string>,
): { fresh: Image[]; duplicates: Image[] } {
  const seen = new Set(known)
  const fresh: Image[] = []
  const duplicates: Image[] = []
  for (const image of images) {
    const list = seen.has(image.sha256) ? duplicates : fresh
    seen.add(image.sha256)
    list.push(image)
  }
  return { fresh, duplicates }
}

/** The path, or where it is taken the next free one with a number: `cat/1-2.jpg`. */
export function freePath(path: string, taken: ReadonlySet<string>): string {
  const { dir, name, ext } = posix.parse(path)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : posix.join(dir, `${name}-${number}${ext}`)
    if (!taken.has(candidate)) return candidate
  }
}
