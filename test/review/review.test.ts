import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatReview, reviewTitle } from '../../src/review/markdown.ts'
import { isPassed, readReview } from '../../src/review/review.ts'
import { requireReviewPassed } from '../../src/review/words.ts'
import { makeRepository, type Repository, sampleParams, takenWith } from './repository.ts'

/** Twenty cats that are read, and as many of which ten, or one, are taken for dogs. */
const GOOD = takenWith('c'.repeat(20))
const WORSE = takenWith('d'.repeat(10) + 'c'.repeat(10))
const ALIKE = takenWith(`d${'c'.repeat(19)}`)
const FEW = takenWith('d'.repeat(3))

const folder = process.cwd()
let repository: Repository
const review = (base: string, head: string) => readReview({ base, head })

beforeAll(async () => {
  repository = await makeRepository()
  process.chdir(repository.root)
  const branches = { good: GOOD, worse: WORSE, alike: ALIKE, few: FEW }
  for (const [branch, taken] of Object.entries(branches)) {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: taken })
    await repository.commit(branch)
  }
})
afterAll(async () => {
  process.chdir(folder)
  await repository.remove()
})

describe('readReview', () => {
  it('stops a model that is significantly worse than its base, and names the images', async () => {
    const found = await review('good', 'worse')
    // 0 fixed, 10 broken: p = 2 / 2^10
    expect(found.regression).toMatchObject({ kind: 'worse', difference: { difference: -10 / 28, p: 2 / 1024 } })
    expect(isPassed(found)).toBe(false)
    expect(() => requireReviewPassed(found)).toThrow(
      /^Expected net to be no worse than net of good on the 28 images that both have \(gate.regression.alpha 0.05\), received 0 fixed, 10 newly wrong, −35.7 points \(−35.7 to −13.7\), p = 0.002. Newly wrong: train\/cat\/holdout-0.png taken for dog, /,
    )
    const markdown = formatReview(found)
    expect(markdown).toContain('## ❌ Worse than the base')
    expect(markdown).toContain('`train/cat/holdout-9.png`')
    expect(markdown).toContain('▼ −45.5')
  })

  it('names at a terminal what is stale a line each, the first eight, in a message that a log cannot take for a command', async () => {
    const found = await review('good', 'worse')
    const lines = Array.from({ length: 10 }, (_, i) => `train@net-${i}: src/${i}.ts changed`)
    const stale = { ...found, standing: { state: 'stale', lines: ['a::error b', ...lines.slice(1)] } } as const
    const message = await Promise.resolve(stale)
      .then(requireReviewPassed)
      .catch((error: Error) => error.message)
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^Expected net to be no worse than net of good/),
      'Expected dvc.lock and results/ to belong to what is committed, received 10 faults. Run `npm run repro` and commit what it writes.',
      '  - a: :error b',
      ...lines.slice(1, 8).map((line) => `  - ${line}`),
      '  - and 2 more, which `npm run verify` names',
    ])
  })

  it('lets pass what one image alone speaks against, and what is better', async () => {
    const found = await review('good', 'alike')
    expect(found.regression).toMatchObject({ kind: 'no worse', difference: { p: 1 } })
    expect(requireReviewPassed(found)).toContain('not significantly worse')
    expect((await review('worse', 'good')).regression.kind).toBe('no worse')
    expect(formatReview(await review('worse', 'good'))).toContain('10 fixed')
  })

  it('says so where too few images are common to both', async () => {
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
      'Passed without a verdict: net beside net of good on 11 images that both have (holdout and test), and fewer than 12 (gate.regression.minImages) say nothing',
    )
    expect(reviewTitle(found)).toBe('Gate passed, too few images to compare with the base')
    expect(formatReview(found)).toContain('| `gate.regression.minImages` | `10` | `12` |')
  })

  it('says so where there is no base: none named, one of zeros, or one without results', async () => {
    for (const base of ['', '0'.repeat(40), 'start']) {
      const found = await review(base, 'good')
      expect(found.regression.kind).toBe('no base')
      expect(requireReviewPassed(found)).toContain('Passed without a comparison: there is no base')
      expect(formatReview(found)).toContain('## ✅ Gate passed, no base to compare with')
    }
  })

  it('compares with a base that another version wrote, and says why it cannot', async () => {
    await repository.write('params.yaml', 'gate: { bar: 1 }\n')
    await repository.writeResults({ net: GOOD })
    const older = await repository.commit('older')
    expect((await review(older, 'good')).regression.kind).toBe('no worse')
    await repository.write('results/metrics/net.json', '{')
    const found = await review(await repository.commit('broken'), 'good')
    expect(found.regression).toMatchObject({ kind: 'no base', reason: expect.stringContaining('cannot be read') })
  })

  it('refuses a name that is no commit, also one that git would take for an option', async () => {
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

  it('names a base by whatever name it has', async () => {
    const name = 'feature/$(touch${IFS}x)`;|<b>'
    await repository.git('branch', name, 'good')
    const found = await review(name, 'alike')
    expect(formatReview(found)).not.toContain('<b>')
    expect(formatReview(found)).toContain('<code>feature&#47;&#36;&#40;touch')
  })

  it('refuses a link in the place of a result, and weights outside the checkout', async () => {
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

  it('takes no result of a name that no configuration may have', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    const metrics = await repository.git('show', 'good:results/metrics/net.json')
    for (const name of ['__proto__', 'a b', '$(id)', 'toString', 'constructor']) {
      await repository.write(`results/metrics/${name}.json`, metrics)
    }
    const found = await review('good', await repository.commit('names'))
    expect(Object.keys(found.scored)).toEqual(['net'])
    expect(Object.keys(found.head.metrics)).toEqual(['constructor', 'net']) // lower-case, so a name like any other
  })
})
