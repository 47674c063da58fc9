import { posix } from 'node:path'

/** The pictures whose content is not known yet, each content once; and the others. */
export function newPictures<Picture extends { readonly sha256: string }>(
  pictures: readonly Picture[],
  known: ReadonlySet<string>,
): { fresh: Picture[]; duplicates: Picture[] } {
  const seen = new Set(known)
  const fresh: Picture[] = []
  const duplicates: Picture[] = []
  for (const picture of pictures) {
    const list = seen.has(picture.sha256) ? duplicates : fresh
    seen.add(picture.sha256)
    list.push(picture)
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
