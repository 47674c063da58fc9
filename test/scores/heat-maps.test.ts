import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readHeatMaps, writeHeatMaps } from '../../src/scores/heat-maps.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('heatmaps.npy and heatmaps.csv', () => {
  const folder = temporaryFolder({ per: 'file' })
  const files = () => ({ array: join(folder.path, 'heatmaps.npy'), index: join(folder.path, 'heatmaps.csv') })

  it('hold what was written', async () => {
    const maps = ['dog', 'cat, "the" cat'].map((name, place) => ({
      id: 'test/cat/a.png',
      part: 'test' as const,
      class: name,
      values: Uint8Array.from([0, 1, 2, 3, 4, 255].map((value) => Math.max(0, value - place))),
    }))
    await writeHeatMaps(files(), { height: 2, width: 3, maps })
    expect(await readHeatMaps(files())).toEqual({ height: 2, width: 3, maps })
  })

  it('hold nothing without a wrong image', async () => {
    await writeHeatMaps(files(), { height: 0, width: 0, maps: [] })
    expect(await readHeatMaps(files())).toEqual({ height: 0, width: 0, maps: [] })
  })

  it('are refused when they do not belong together', async () => {
    await writeFile(files().index, 'id,part,class\na,test,cat\n')
    await expect(readHeatMaps(files())).rejects.toThrow(
      /^Expected heat maps for the 1 lines of .*, received the shape 0 x 0 x 0\. Run evaluate again\.$/,
    )
  })
})
