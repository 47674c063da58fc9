import type { Figure } from '../src/report/panels.ts'

/** The languages that every lesson is told in. */
export const LANGUAGES = ['en', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/** The result of a lesson. */
export interface Lesson<Values = unknown> {
  readonly values: Values
  /** What it found, in a language. */
  tell(lang: Language): Told
}

/** A lesson in one language: lines to print, and a figure. */
export interface Told {
  readonly lines: readonly string[]
  readonly figure: Figure
}

/** The text with spaces up to `columns` of a terminal, where a Japanese character takes two. */
export function padded(text: string, columns: number): string {
  const width = [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0)
  return text + ' '.repeat(Math.max(0, columns - width))
}

/** Kana, kanji, and the punctuation and letters of full width. */
const WIDE = /[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff60]/
