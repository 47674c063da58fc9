import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/scores/predictions.ts'
import { readAnswers, writeAnswers } from '../../src/scores/results.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder({ per: 'file' })

const first: Answer[] = [
  { id: 'test/a.png', part: 'test', label: 'cat', prediction: 'cat' },
  { id: 'train/b.png', part: 'validation', label: 'dog', prediction: 'cat' },
]
const second: Answer[] = first.map((answer) => ({ ...answer, prediction: 'dog' })).reverse()

describe('writeAnswers', () => {
  it('keeps the groups of near duplicates, where there are some', async () => {
    const path = join(folder.path, 'predictions.csv')
    const grouped = first.map((answer, place) => (place === 0 ? { ...answer, group: '3' } : answer))
    await writeAnswers(path, { first: grouped, second })
    const groups = grouped.map(({ id, group }) => [id, group])
    for (const answers of Object.values(await readAnswers(path))) {
      expect(answers.map(({ id, group }) => [id, group])).toEqual(expect.arrayContaining(groups))
    }
  })

  it('writes a row an image and leaves right answers empty', async () => {
    const path = join(folder.path, 'predictions.csv')
    await writeAnswers(path, { first, second })
    expect(await readFile(path, 'utf8')).toBe(
      'id,part,label,prediction_first,prediction_second\ntrain/b.png,validation,dog,cat,\ntest/a.png,test,cat,,dog\n',
    )
    expect(await readAnswers(path)).toEqual({ first: [...first].reverse(), second })
  })

  it('refuses configurations that were asked about different images', async () => {
    const path = join(folder.path, 'unlike.csv')
    await expect(writeAnswers(path, { first, second: second.slice(1) })).rejects.toThrow(
      'Expected second to be evaluated on the 2 images of first, received 1 of them and 0 others.',
    )
    const more = [...second, { id: 'test/c.png', part: 'test' as const, label: 'cat', prediction: 'cat' }]
    await expect(writeAnswers(path, { first, second: more })).rejects.toThrow('2 of them and 1 others')
    const relabelled = second.map((answer) => ({ ...answer, label: 'horse' }))
    await expect(writeAnswers(path, { first, second: relabelled })).rejects.toThrow('0 of them and 2 others')
  })

  it('takes less than 700 kB for seven configurations, 5,600 images and ten classes, a quarter of them wrong', async () => {
    const path = join(folder.path, 'large.csv')
    const classes = Array.from({ length: 10 }, (_, k) => `animal-${k}`)
    const configurations = Object.fromEntries(
      Array.from({ length: 7 }, (_, m) => {
        const answers = Array.from({ length: 5600 }, (_, place): Answer => {
          const label = classes[place % 10] ?? ''
          const wrong = (place + m) % 4 === 0
          const id = `train/${label}/OIP-${String(place).padStart(6, '0')}-tIeXY9ZJo.jpeg`
          const part = place % 2 ? 'validation' : 'holdout'
          return { id, part, label, prediction: wrong ? (classes[(place + 1) % 10] ?? '') : label }
        })
        return [`configuration-${m}`, answers]
      }),
    )
    await writeAnswers(path, configurations)
    expect((await stat(path)).size).toBeLessThan(700_000)
  })
})
