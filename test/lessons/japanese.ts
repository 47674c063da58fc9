import { expect } from 'vitest'
import type { Lesson, Told } from '../../lessons/lesson.ts'

/** Kana and kanji. */
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/

/** Expects the same rows of numbers in Japanese as in English, and every sentence and every text of the figure translated. */
export function expectSameInJapanese({ tell }: Lesson): void {
  const [english, japanese] = [tell('en'), tell('ja')]
  expect(resultsOf(japanese)).toEqual(resultsOf(english))
  expect(japanese.lines).toHaveLength(english.lines.length)
  for (const line of japanese.lines.filter((each) => !each.startsWith('  '))) expect(line).toMatch(JAPANESE)
  const texts = textsOf(japanese.figure)
  expect(texts).toHaveLength(textsOf(english.figure).length)
  const words = texts.filter((text) => /[a-z]{4}/.test(text.replace('Adam', '')))
  expect(words.filter((text) => !JAPANESE.test(text))).toEqual([])
}

/** The results in the rows: numbers with a decimal point, which differ from those in names such as 250 steps. */
function resultsOf({ lines }: Told): string[][] {
  const rows = lines.filter((line) => line.startsWith('  '))
  return rows.map((row) => row.match(/\d+\.\d+(e[+-]?\d+)?/g) ?? [])
}

/** What a figure says: titles, and the texts of its marks. */
function textsOf(value: unknown, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => textsOf(each, key))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, each]) => textsOf(each, name))
  }
  return typeof value === 'string' && /^(text|title|subtitle)$/.test(key) && value !== '' ? [value] : []
}
