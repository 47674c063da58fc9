import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { reviewAnnotations } from '../../src/github/annotations.ts'
import { requireReviewPassed } from '../../src/review/explain.ts'
import { formatReview } from '../../src/review/markdown.ts'
import type { Regression } from '../../src/review/regression.ts'
import { type Review, readReview } from '../../src/review/review.ts'
import { repositoryWith, takenWith } from './repository.ts'

/** Known attacks. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</details><h1>passed</h1>',
  '<!-- paddock: review -->',
  '![](https://evil.test/pixel.png)',
  '[click](javascript:alert(1))',
  '@everyone please look',
  '| a | b |\n| - | - |',
  '`code` ``more`` \\`',
  '\n\n# Passed\n\n- ✅ **Gate.**',
  '$(touch pwned)',
  '../../../etc/passwd',
  '::error file=a::b\n::set-output name=a::b\n##[add-matcher]x',
  '&lt;b&gt; &#60;i&#62;',
  'https://evil.test www.evil.test a@evil.test #1 GH-1',
  'cat\u202Egnp.exe',
]
const hostile = fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }))

repositoryWith({ base: takenWith('c'.repeat(20)), head: takenWith('d'.repeat(10) + 'c'.repeat(10)) })
let review: Review
beforeAll(async () => {
  review = await readReview({ base: 'base', head: 'head' })
})

/** The review with these strings wherever text comes from outside. */
function withWords(words: readonly [string, string, string, string]): Review {
  const [id, label, path, value] = words
  if (review.regression.kind === 'no base') throw new Error('expected a base')
  const { comparison } = review.regression
  const taken = { label, before: label, after: value }
  const regression: Regression = {
    ...review.regression,
    comparison: {
      ...comparison,
      broken: [{ id, ...taken }, ...comparison.broken],
      fixed: [{ id: path, ...taken }],
      relabelled: [label],
    },
  }
  const changes = [{ path, before: JSON.stringify(value), after: JSON.stringify([label]) }]
  const notice = {
    title: 'Test set',
    describe: (quote: (text: string) => string) => `1 out (${words.map(quote).join(', ')})`,
  }
  const notices = (['warning', 'note'] as const).map((level) => ({ ...notice, level }))
  return { ...review, baseName: id, regression, changes, notices, freshness: { state: 'stale', lines: words } }
}

/** The text without code spans and character references. */
function outsideCode(markdown: string): string {
  return markdown.replace(/`[^`\n]*`/g, '').replace(/&#\d+;/g, '')
}

describe('formatReview', () => {
  it('keeps any text from outside inside code', () => {
    const plain = (text: string) => text.replace(/[\d,]+/g, '0')
    const lines = formatReview(withWords(['a', 'a', 'a', 'a'])).split('\n').length
    fc.assert(
      fc.property(fc.tuple(hostile, hostile, hostile, hostile), (words) => {
        const markdown = formatReview(withWords(words))
        const outside = outsideCode(markdown)
        expect(markdown.split('\n')).toHaveLength(lines)
        expect(outside.match(/<[^>]*>/g)?.filter((tag) => !/^<\/?(details|summary|code)>$/.test(tag)) ?? []).toEqual([])
        expect(outside).not.toMatch(/@|https?:|www[.]|\]\(|javascript|evil/)
        // every row of a table has as many cells as its header
        for (const table of markdown.split('\n\n').filter((part) => part.startsWith('| '))) {
          const cells = table.split('\n').map((row) => row.match(/\|/g)?.length)
          expect(new Set(cells).size, plain(table)).toBe(1)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('puts nothing into a log or an annotation that a runner reads as a command', () => {
    fc.assert(
      fc.property(fc.tuple(hostile, hostile, hostile, hostile), (words) => {
        const found = withWords(words)
        const said = [
          ...reviewAnnotations(found).map(({ message }) => message),
          ...(() => {
            try {
              return [requireReviewPassed(found)]
            } catch (error) {
              const lines = (error as Error).message.split('\n') // regression, freshness and its list
              expect(lines).toHaveLength(2 + found.freshness.lines.length)
              for (const line of lines) expect(line).toMatch(/^(Expected | {2}- )/)
              return lines
            }
          })(),
        ]
        for (const text of said) {
          expect(text).not.toMatch(/[\n\r]/)
          expect(text).not.toMatch(/::|##\[/)
        }
      }),
      { numRuns: 300 },
    )
  })
})
