import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requireReviewPassed } from '../../src/review/explain.ts'
import { formatReview, reviewTitle } from '../../src/review/markdown.ts'
import { isPassed, readReview } from '../../src/review/review.ts'
import { repositoryWith, sampleParams, takenWith } from './repository.ts'

/** Twenty cats in holdout, of which none, ten or one are taken for dogs; and three that all are. */
const GOOD = takenWith('c'.repeat(20))
const WORSE = takenWith('d'.repeat(10) + 'c'.repeat(10))
const ALIKE = takenWith(`d${'c'.repeat(19)}`)
const FEW = takenWith('d'.repeat(3))

const repository = repositoryWith({ good: GOOD, worse: WORSE, alike: ALIKE, few: FEW })
const review = (base: string, head: string) => readReview({ base, head })

describe('readReview', () => {
  it('fails a model that is significantly worse than its base, and names the images', async () => {
    const found = await review('good', 'worse')
    // 0 fixed, 10 broken: p = 2 / 2^10 / 2 = 0.00098; the share that was fixed is at most 1 - 0.05^(1/10).
    expect(found.regression).toMatchObject({ kind: 'worse', difference: { difference: -10 / 28, p: 1 / 1024 } })
    expect(isPassed(found)).toBe(false)
    expect(() => requireReviewPassed(found)).toThrow(
      /^Expected net to be no worse than net of good on 28 shared holdout and test images \(gate.regression.alpha 0.05\), received 0 fixed, 10 newly wrong, −35.7 points \(−35.7 to −17.2\), p below 0.001. Newly wrong: train\/cat\/holdout-0.png taken for dog, /,
    )
    const markdown = formatReview(found)
    expect(markdown).toContain('## ❌ Worse than the base')
    expect(markdown).toContain('`train/cat/holdout-9.png`')
    expect(markdown).toContain('▼ −45.5')
  })

  it('lists the first eight stale parts in a terminal, in a form that a runner cannot read as a command', async () => {
    const found = await review('good', 'worse')
    const lines = Array.from({ length: 10 }, (_, i) => `train@net-${i}: src/${i}.ts changed`)
    const stale = { ...found, freshness: { state: 'stale', lines: ['a::error b', ...lines.slice(1)] } } as const
    const message = await Promise.resolve(stale)
      .then(requireReviewPassed)
      .catch((error: Error) => error.message)
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^Expected net to be no worse than net of good/),
      'Expected dvc.lock and results/ to match what is committed, received 10 faults. Run `npm run repro` and commit its changes.',
      '  - a: :error b',
      ...lines.slice(1, 8).map((line) => `  - ${line}`),
      '  - and 2 more, listed by `npm run verify`',
    ])
  })

  it('passes a model that is worse on a single image, and a better one', async () => {
    const found = await review('good', 'alike')
    expect(found.regression).toMatchObject({ kind: 'no worse', difference: { p: 0.5 } })
    expect(requireReviewPassed(found)).toMatch(
      /is not significantly worse .*; it finds a fall of 5 points in \d+ of 100 cases, and/,
    )
    expect((await review('worse', 'good')).regression.kind).toBe('no worse')
    expect(formatReview(await review('worse', 'good'))).toContain('10 fixed')
  })

  it('passes without a verdict if the commits share too few images', async () => {
    // few has 3 cats, a dog and a horse in holdout, and six test images: eleven
    expect((await review('good', 'few')).regression).toMatchObject({ kind: 'no worse', comparison: { images: 11 } })
    const gate = { validation: 0.5, test: 0.5, minValidationImages: 1, minTestImages: 1 }
    await repository.write(
      'params.yaml',
      await sampleParams({ gate: { ...gate, regression: { alpha: 0.9, minImages: 12 } } }),
    )
    await repository.writeResults({ net: FEW })
    const found = await review('good', await repository.commit('fewer'))
    expect(found.regression.kind).toBe('too few')
    expect(isPassed(found)).toBe(true)
    expect(requireReviewPassed(found)).toContain(
      'Passed without a verdict: net and net of good have 11 shared holdout and test images, fewer than 12 (gate.regression.minImages): ',
    )
    expect(reviewTitle(found)).toBe('Gate passed, too few images to compare with the base')
    expect(formatReview(found)).toContain('| `gate.regression.minImages` | `10` | `12` |')
  })

  it('passes without a comparison if there is no base: none given, a hash of zeros, or no results', async () => {
    for (const base of ['', '0'.repeat(40), 'start']) {
      const found = await review(base, 'good')
      expect(found.regression.kind).toBe('no base')
      expect(requireReviewPassed(found)).toContain('Passed without a comparison: there is no base')
      expect(formatReview(found)).toContain('## ✅ Gate passed, no base to compare with')
    }
  })

  it('compares with a base that another version wrote, or says why that is impossible', async () => {
    await repository.write('params.yaml', 'gate: { bar: 1 }\n')
    await repository.writeResults({ net: GOOD })
    const older = await repository.commit('older')
    expect((await review(older, 'good')).regression.kind).toBe('no worse')
    await repository.write('results/metrics/net.json', '{')
    const found = await review(await repository.commit('broken'), 'good')
    expect(found.regression).toMatchObject({ kind: 'no base', reason: expect.stringContaining('cannot be read') })
  })

  it('refuses a name that is not a commit, even if git would read it as an option', async () => {
    for (const name of [
      'nowhere',
      '--output=/tmp/x',
      '-h',
      'good:params.yaml',
      '$(touch x)',
      'a\nb',
      'a\0b',
      '../../x',
    ]) {
      await expect(review(name, 'good'), name).rejects.toThrow('Expected a commit, branch or tag of this repository')
    }
  })

  it('shows any name of a base as code', async () => {
    const name = 'feature/$(touch${IFS}x)`;|<b>'
    await repository.git('branch', name, 'good')
    const found = await review(name, 'alike')
    expect(formatReview(found)).not.toContain('<b>')
    expect(formatReview(found)).toContain('<code>feature&#47;&#36;&#40;touch')
  })

  it('refuses a link in place of a result, and weights outside the checkout', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.write('results/metrics/net.json', undefined)
    await symlink('/etc/passwd', join(repository.root, 'results/metrics/net.json'))
    await expect(review('good', await repository.commit('link'))).rejects.toThrow(
      'Expected "results/metrics/net.json" in git to be a file, received a link.',
    )
    await repository.writeResults({ net: GOOD })
    const net = {
      architecture: 'mobilenet',
      mode: 'transfer',
      width: 0.25,
      weights: { path: '../../etc/passwd', sha256: 'f'.repeat(64) },
    }
    await repository.write('params.yaml', await sampleParams({ models: { net } }))
    await expect(review('good', await repository.commit('outside'))).rejects.toThrow(
      'must be a relative path that stays in the checkout',
    )
  })

  it('ignores results with a name that no configuration may have', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    const metrics = await repository.git('show', 'good:results/metrics/net.json')
    for (const name of ['__proto__', 'a b', '$(id)', 'toString', 'constructor']) {
      await repository.write(`results/metrics/${name}.json`, metrics)
    }
    const found = await review('good', await repository.commit('names'))
    expect(Object.keys(found.scored)).toEqual(['net'])
    expect(Object.keys(found.head.scored)).toEqual(['constructor', 'net']) // lower-case, so a name like any other
  })
})
