import { describe, expect, it } from 'vitest'
import { sourcesSections } from '../../../src/report/sections/sources.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import { evaluated } from './evaluated.ts'

const net = evaluated({ validation: { cat: 'cccc' }, holdout: { cat: 'cccd', dog: 'dd' }, test: { dog: 'd' } })

/** The table of these sources, each image of the part and class in its order, without the spaces that align it. */
function linesOf(sources: Readonly<Record<string, string>>, groups: Readonly<Record<string, string>> = {}): string[] {
  const origins = net.predictions.map(({ id }) => [id, { source: sources[id] ?? 'web', group: groups[id] }] as const)
  return writeMarkdown('', [], sourcesSections('net', net, new Map(origins)))
    .replace(/ +/g, ' ')
    .split('\n')
}

describe('sourcesSections', () => {
  const archive = { 'train/cat/holdout-3.png': 'archive', 'train/cat/holdout-2.png': 'archive' }

  it('has the accuracy of each source on each part, the largest source first', () => {
    const lines = linesOf(archive)
    expect(lines).toContain('## Accuracy of `net` by source')
    // Intervals of SciPy, binomtest(k, n).proportion_ci(): 1 of 2, and all of 1, 4.
    const rows = lines.filter((line) => line.startsWith('| ')).slice(2)
    expect(rows).toEqual([
      '| web | 100.0 % (4/4, 39.8-100.0) | 100.0 % (4/4, 39.8-100.0) | 100.0 % (1/1, 2.5-100.0) |',
      '| archive | – | 50.0 % (1/2, 1.3-98.7) | – |',
    ])
  })

  it('counts near duplicates of a source as one image in its interval', () => {
    const pair = { 'train/dog/holdout-0.png': '1', 'train/dog/holdout-1.png': '1' }
    // Sizes 1, 1, 2: 16 / 6 = 2.67 images that are all right, so from 0.025^(1 / 2.67) on.
    expect(linesOf(archive, pair).join('\n')).toContain('100.0 % (4/4, 25.1-100.0) | 100.0 % (1/1')
  })

  it('names the twenty largest, and is empty where there is one', () => {
    expect(sourcesSections('net', net, new Map())).toEqual([])
    const many = Array.from({ length: 50 }, (_, image) => ({
      ...{ id: `${image}`, part: 'test' as const, label: 'cat', prediction: 'cat', probabilities: [], calibrated: [] },
    }))
    const origins = many.map(({ id }) => [id, { source: `source ${id}`, group: undefined }] as const)
    const text = writeMarkdown('', [], sourcesSections('net', { predictions: many }, new Map(origins)))
    expect(text.match(/^\| source/gm)).toHaveLength(20)
    expect(text).toMatch(/^\| 30 more +\|.* 100\.0 % \(30\/30, 88\.4-100\.0\) \|$/m)
  })
})
