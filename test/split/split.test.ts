import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { sha256 } from '../../src/core/files.ts'
import type { Part } from '../../src/core/paths.ts'
import { seededRng, shuffled } from '../../src/core/random.ts'
import type { ManifestRow, ManifestSet } from '../../src/dataset/manifest.ts'
import type { Pair } from '../../src/dataset/pairs.ts'
import type { SplitRow } from '../../src/dataset/split.ts'
import { groupsOf } from '../../src/split/groups.ts'
import { describeUneven, splitByContent } from '../../src/split/split.ts'

const FRACTIONS = { train: 0.8, validation: 0.1, holdout: 0.1 }

/** Labels and sources as in the study's photographs: three large strata, and small ones of 2 to 8. */
const STRATA = [
  ['cat', 'large', 219],
  ['cat', 'middle', 128],
  ['cat', 'small', 8],
  ['cat', 'tiny', 3],
  ['dog', 'large', 213],
  ['dog', 'middle', 125],
  ['dog', 'small', 7],
  ['dog', 'tiny', 2],
  ['horse', 'large', 246],
  ['horse', 'tiny', 3],
] as const

describe('splitByContent', () => {
  const manifest = STRATA.flatMap(([label, source, count]) => images(label, count, { source }))

  it('gives 8 : 1 : 1 of each stratum', () => {
    const rows = splitByContent(images('cat', 300).concat(images('dog', 20)), FRACTIONS, 1)
    expect(counts(rows, 'cat')).toEqual({ train: 240, validation: 30, holdout: 30, test: 0 })
    expect(counts(rows, 'dog')).toEqual({ train: 16, validation: 2, holdout: 2, test: 0 })
  })

  it('splits classes with the names that every object has', () => {
    const labels = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']
    const rows = splitByContent(
      labels.flatMap((label) => images(label, 20)),
      FRACTIONS,
      1,
    )
    for (const label of labels) expect(counts(rows, label)).toEqual({ train: 16, validation: 2, holdout: 2, test: 0 })
  })

  it('keeps a group together, and every other image where it was', () => {
    const plain = new Map(splitByContent(manifest, FRACTIONS, 1).map(({ id, part }) => [id, part]))
    const cats = manifest.filter(({ label, source }) => label === 'cat' && source === 'large').map(({ id }) => id)
    const one = (part: Part) => cats.find((id) => plain.get(id) === part) ?? ''
    const group = [one('train'), one('validation'), one('holdout')]
    const parts = new Map(splitByContent(manifest, FRACTIONS, 1, { groups: [group] }).map(({ id, part }) => [id, part]))
    expect(new Set(group.map((id) => parts.get(id))).size).toBe(1)
    // 217 contents instead of 219: cuts at 173.6 and 195.3, so that a cut passes over a few ranks
    const moved = cats.filter((id) => !group.includes(id) && parts.get(id) !== plain.get(id))
    expect(moved.length).toBeLessThanOrEqual(4)
    expect([...parts].filter(([id, part]) => !cats.includes(id) && part !== plain.get(id))).toEqual([])
  })

  it('gives the same as without groups where each group has one content', () => {
    const copies = ['train/cat/x.png', 'train/cat/y.png'].map((id) => ({ ...(manifest[0] as ManifestRow), id }))
    const all = [...manifest, ...copies]
    const group = [(manifest[0] as ManifestRow).id, ...copies.map(({ id }) => id)]
    expect(splitByContent(all, FRACTIONS, 1, { groups: [group] })).toEqual(splitByContent(all, FRACTIONS, 1))
  })

  it('cuts each source at the rounded fractions, and the sources below thirty together', () => {
    const parts = new Map(splitByContent(manifest, FRACTIONS, 1).map((row) => [row.id, row.part]))
    const of = (label: string, sources: string[]) =>
      ['train', 'validation', 'holdout'].map(
        (part) =>
          manifest.filter((row) => row.label === label && sources.includes(row.source) && parts.get(row.id) === part)
            .length,
      )
    expect(of('cat', ['large'])).toEqual([175, 22, 22]) // cuts at 175.2 and 197.1
    expect(of('cat', ['middle'])).toEqual([102, 13, 13]) // 102.4 and 115.2
    expect(of('cat', ['small', 'tiny'])).toEqual([9, 1, 1]) // 11 images: 8.8 and 9.9
  })

  it('has every image once, sorted by id, and does not change the test set', () => {
    const all = shuffled([...manifest, ...images('dog', 9, { set: 'test' })], seededRng(1, 'order'))
    const rows = splitByContent(all, FRACTIONS, 1)
    expect(rows.map((row) => row.id)).toEqual(all.map((row) => row.id).sort())
    expect(rows.filter((row) => row.part === 'test').map((row) => row.id)).toEqual(
      all
        .filter((row) => row.set === 'test')
        .map((row) => row.id)
        .sort(),
    )
  })

  it('depends on the seed, not on the order of the manifest', () => {
    const rows = splitByContent(manifest, FRACTIONS, 1)
    expect(splitByContent(shuffled(manifest, seededRng(2, 'order')), FRACTIONS, 1)).toEqual(rows)
    expect(splitByContent(manifest, FRACTIONS, 2)).not.toEqual(rows)
  })

  it('depends on the content, not on the name', () => {
    const renamed = manifest.map((row) => ({ ...row, id: row.id.replace('train/', 'train/x-') }))
    const rows = splitByContent(renamed, FRACTIONS, 1)
    expect(rows.map((row) => ({ ...row, id: row.id.replace('x-', '') }))).toEqual(
      splitByContent(manifest, FRACTIONS, 1),
    )
  })

  it('keeps exact duplicates together, even those of different sources', () => {
    const copies = manifest.map((row) => ({ ...row, id: `${row.id}-copy`, source: 'elsewhere' }))
    const parts = new Map(splitByContent([...manifest, ...copies], FRACTIONS, 1).map((row) => [row.id, row.part]))
    expect(manifest.filter((row) => parts.get(row.id) !== parts.get(`${row.id}-copy`))).toEqual([])
  })

  it.each([1, 2, 3, 4, 5])('moves under 5 % of the images when a tenth is added (seed %d)', (seed) => {
    const added = STRATA.flatMap(([label, source, count]) =>
      images(label, Math.ceil(count / 10), { source, from: 1000 }),
    )
    const before = splitByContent(manifest, FRACTIONS, seed)
    const after = new Map(splitByContent([...manifest, ...added], FRACTIONS, seed).map((row) => [row.id, row.part]))
    const moved = before.filter((row) => after.get(row.id) !== row.part)
    expect(moved.length / before.length).toBeLessThan(0.05)
  })

  it.each([
    [50, 10],
    [17, 30],
  ])('moves under 5 % of the images when they come in %d sources of %d a label', (sources, size) => {
    const drawn = (count: number, from: number) =>
      ['cat', 'dog'].flatMap((label) =>
        Array.from({ length: sources }, (_, source) =>
          images(label, count, { source: `source-${source}`, from }),
        ).flat(),
      )
    const old = drawn(size, 0)
    const before = splitByContent(old, FRACTIONS, 1)
    const after = new Map(
      splitByContent([...old, ...drawn(size / 10, 1000)], FRACTIONS, 1).map((row) => [row.id, row.part]),
    )
    const moved = before.filter((row) => after.get(row.id) !== row.part)
    expect(moved.length / before.length).toBeLessThan(0.05)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps 8 : 1 : 1 beside a group of 80 in a class of 100 (seed %d)', (seed) => {
    const all = [...images('cat', 100), ...images('dog', 100)]
    const rows = splitByContent(all, FRACTIONS, seed, { groups: [all.slice(0, 80).map(({ id }) => id)] })
    expect(counts(rows, 'cat')).toEqual({ train: 80, validation: 10, holdout: 10, test: 0 })
    expect(describeUneven(rows, FRACTIONS)).toEqual([])
  })

  it('warns where groups leave no way to the fractions', () => {
    const all = [...images('cat', 100), ...images('dog', 100)]
    const groups = [0, 1, 2].map((place) => all.slice(33 * place, 33 * place + 33).map(({ id }) => id))
    expect(describeUneven(splitByContent(all, FRACTIONS, 1, { groups }), FRACTIONS)).toEqual([
      'cat has 66 train, 33 validation, 1 holdout images, far from 80 : 10 : 10: images of one photograph (artifacts/split/groups.csv) stay together, and images that were evaluated before (records/evaluated.csv) stay in their part. Exclude some, or add other images.',
    ])
  })

  it('keeps groups whole, over labels too, and what was evaluated out of training, whatever is added', () => {
    const group = fc.array(fc.nat({ max: 399 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat({ max: 100 }),
          before: fc.integer({ min: 20, max: 150 }),
          added: fc.integer({ min: 1, max: 50 }),
          ties: fc.array(group, { maxLength: 12 }),
        }),
        ({ seed, before, added, ties }) => {
          const all = ['cat', 'dog'].flatMap((label) => images(label, before + added))
          const old = all.filter(({ id }) => Number(/(\d+)\.png/.exec(id)?.[1]) < before)
          const groups = groupsOf(
            all,
            ties.flatMap((tie) => tie.slice(1).map((place) => tied(all, tie[0] ?? 0, place))),
          )
          const isOld = new Set(old.map(({ id }) => id))
          const oldGroups = groups.map((ids) => ids.filter((id) => isOld.has(id))).filter((ids) => ids.length > 1)
          const first = splitByContent(old, FRACTIONS, seed, { groups: oldGroups })
          const evaluated = new Map(
            first.flatMap(({ id, part }) =>
              part === 'validation' || part === 'holdout' ? [[sha256(id), part] as const] : [],
            ),
          )
          const parts = new Map(
            splitByContent(all, FRACTIONS, seed, { groups, evaluated }).map(({ id, part }) => [id, part]),
          )
          const moved = first.filter(({ id, part }) => part !== 'train' && parts.get(id) === 'train')
          const torn = groups.filter((ids) => new Set(ids.map((id) => parts.get(id))).size > 1)
          expect([moved, torn]).toEqual([[], []])
        },
      ),
    )
  })

  it('gives each label of three or more images one in train and one in validation', () => {
    const label = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        label,
        fc.nat({ max: 100 }),
        fc.constantFrom(0, 0.01, 0.1, 0.5, 0.97, 1),
        (sizes, seed, validation) => {
          const rows = sizes.flatMap((size, source) => images('cat', size, { source: `${source}` }))
          fc.pre(rows.length >= 3)
          const train = (1 - validation) / 2
          const split = splitByContent([...rows, ...images('dog', 3)], { train, validation, holdout: train }, seed)
          const cat = counts(split, 'cat')
          return cat.train >= 1 && cat.validation >= 1 && cat.train + cat.validation + cat.holdout === rows.length
        },
      ),
    )
  })

  it('does so even where the fractions are 0, and leaves the holdout empty', () => {
    const rows = [...images('cat', 30), ...images('dog', 30)]
    const all = { train: 29, validation: 1, holdout: 0, test: 0 }
    expect(counts(splitByContent(rows, { train: 1, validation: 0, holdout: 0 }, 1), 'cat')).toEqual(all)
    const none = { train: 1, validation: 29, holdout: 0, test: 0 }
    expect(counts(splitByContent(rows, { train: 0, validation: 1, holdout: 0 }, 1), 'cat')).toEqual(none)
  })

  it('names the label with too few images, not counting duplicates', () => {
    const two = images('horse', 2)
    const duplicate = { ...(two[0] as ManifestRow), id: 'train/horse/again.png' }
    expect(() => splitByContent([...images('cat', 9), ...two, duplicate], FRACTIONS, 1)).toThrow(
      new DataError(
        'Expected 3 or more different images of horse, received 2 among 3 files (fetch.nearDuplicates: copies of one count once). Add images to data/train/horse or remove the label.',
      ),
    )
  })

  it('names the labels that only the test set has', () => {
    const rows = [...images('cat', 9), ...images('dog', 9), ...images('cow', 1, { set: 'test' })]
    expect(() => splitByContent(rows, FRACTIONS, 1)).toThrow(
      new DataError(
        'Expected the labels of the test set among cat, dog, received cow. Add training images of them, or rename or remove these test images.',
      ),
    )
  })

  it('refuses a single label', () => {
    expect(() => splitByContent(images('cat', 9), FRACTIONS, 1)).toThrow(
      'Expected images of two labels or more in data/train, received cat.',
    )
    expect(() => splitByContent([], FRACTIONS, 1)).toThrow('received none.')
  })
})

/** A pair of two of the images. */
function tied(all: readonly ManifestRow[], a: number, b: number): Pair {
  const [id = '', other = ''] = [a, b].map((place) => all[place % all.length]?.id)
  return { id, other, kind: 'near', distance: 0.1, certainty: 'likely' }
}

interface Origin {
  readonly source?: string
  readonly set?: ManifestSet
  /** The number of the first image. */
  readonly from?: number
}

function images(
  label: string,
  count: number,
  { source = 'unknown', set = 'train', from = 0 }: Origin = {},
): ManifestRow[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${set}/${label}/${source}-${from + index}.png`
    return { id, label, set, source, sha256: sha256(id), width: 8, height: 8 }
  })
}

function counts(rows: readonly SplitRow[], label: string): Record<Part, number> {
  const of = (part: Part) => rows.filter((row) => row.label === label && row.part === part).length
  return { train: of('train'), validation: of('validation'), holdout: of('holdout'), test: of('test') }
}
