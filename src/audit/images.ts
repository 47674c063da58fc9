import type { Images } from '../batches/batches.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import { openSquares } from '../dataset/squares.ts'

/**
 * Opens images as fetch decoded them, before split: an audit judges those that split would refuse, too. Close them.
 *
 * @param manifest all of it, since it tells where an image is
 * @param rows those to open, in their order
 */
export function openDecoded(
  manifest: readonly ManifestRow[],
  rows: readonly ManifestRow[],
  { classes, size }: { readonly classes: readonly string[]; readonly size: number },
): Images {
  const squares = openSquares(paths.images, manifest, size)
  return {
    count: rows.length,
    variants: 1,
    inputShape: [size, size, 3],
    labels: Int32Array.from(rows, ({ label }) => classes.indexOf(label)),
    ids: rows.map(({ id }) => id),
    read: async (wanted) => {
      const pixels = new Uint8Array(wanted.length * size * size * 3)
      for (const [place, row] of wanted.entries()) {
        pixels.set(await squares.read(rows[row]?.id ?? ''), place * size * size * 3)
      }
      return pixels
    },
    digest: async () => {
      const files = rows.map((row) => row.sha256)
      return sha256(JSON.stringify([await readSha256(`${paths.images}.csv`), files]))
    },
    close: squares.close,
  }
}
