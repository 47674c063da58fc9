import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requireReviewPassed } from '../../src/review/explain.ts'
import { formatReview, reviewTitle } from '../../src/review/markdown.ts'
import { judgeRegression } from '../../src/review/regression.ts'
import { conclusionOf, type Review, readReview } from '../../src/review/review.ts'
import { predictionsOf } from '../evaluate/scored.ts'
import { GATE, repositoryWith, sampleParams, takenWith } from './repository.ts'

/** Twenty cats in holdout, of which none, ten or one are taken for dogs; and three that all are. */
const GOOD = takenWith('c'.repeat(20))
const WORSE = takenWith('d'.repeat(10) + 'c'.repeat(10))
const ALIKE = takenWith(`d${'c'.repeat(19)}`)
const FEW = takenWith('d'.repeat(3))

const repository = repositoryWith({ good: GOOD, worse: WORSE, alike: ALIKE, few: FEW })
const review = (base: string, head: string) => readReview({ base, head })
/** The lines of a review behind those that each has. */
const noticesIn = (found: Review) =>
  formatReview(found)
    .split('\n')
    .filter((line) => /^- [^`]/.test(line))
    .slice(3)
    .map((line) => line.replace(/^- /, ''))

describe('readReview', () => {
  it('fails a model that is significantly worse than its base, and names the images', async () => {
    const found = await review('good', 'worse')
    // 0 fixed, 10 broken: p = 2 / 2^10 / 2 = 0.00098; the share that was fixed is at most 1 - 0.05^(1/10).
    expect(found.regression).toMatchObject({ kind: 'worse', difference: { difference: -10 / 28, p: 1 / 1024 } })
    expect(conclusionOf(found)).toBe('failure')
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
    const few = await review('good', 'few')
    expect(few.regression).toMatchObject({ kind: 'no worse', comparison: { images: 11 } })
    expect(judgeRegression(few.base, few.head, { alpha: 0.05, minImages: 11 }).kind).toBe('no worse')
    expect(judgeRegression(few.base, few.head, { alpha: 0.05, minImages: 11, margin: 0.9 }).kind).toBe('no worse')
    expect(judgeRegression(few.base, few.head, { alpha: 0.05, minImages: 11, margin: 0.1 }).kind).toBe('maybe worse')
    const gate = { ...GATE, regression: { alpha: 0.9, minImages: 12 } }
    await repository.write('params.yaml', await sampleParams({ gate }))
    await repository.writeResults({ net: GOOD })
    await repository.commit('wary')
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: FEW })
    const found = await review('wary', await repository.commit('fewer'))
    expect(found.regression.kind).toBe('too few')
    expect(conclusionOf(found)).toBe('neutral') // 17 holdout images are out
    expect(requireReviewPassed(found)).toContain(
      'Passed without a verdict: net and net of wary have 11 shared holdout and test images, fewer than 12 (gate.regression.minImages): ',
    )
    expect(reviewTitle(found)).toBe('Gate passed, too few images to compare with the base; read the warnings')
    const markdown = formatReview(found)
    expect(markdown).toContain('| `gate.regression.minImages` | `12` | `10` |')
    expect(markdown).toContain('- ⚠️ **Thresholds.** This commit changes gate.regression.alpha `0.9` → `0.05` (weaker)')
  })

  it('fails where the base has a margin and these images cannot show that the model is that close', async () => {
    const gate = { ...GATE, regression: { ...GATE.regression, margin: 0.1 } }
    await repository.write('params.yaml', await sampleParams({ gate }))
    await repository.writeResults({ net: GOOD })
    await repository.commit('margin')
    await repository.write('params.yaml', await sampleParams())
    const found = await review('margin', await repository.commit('unmargined'))
    expect(conclusionOf(found)).toBe('failure')
    const bound = (100 * (0.025 ** (1 / 28) - 1)).toFixed(1).replace('-', '−') // of 28 images, on which both agree
    expect(() => requireReviewPassed(found)).toThrow(
      `Expected net to be worse than net of margin by less than 0.1 on 28 shared holdout and test images (gate.regression.margin), received 0 fixed, 0 newly wrong, ±0.0 points, p = 1.000: it may be ${bound} points (gate.regression.alpha 0.05). More holdout and test images show more.`,
    )
    expect(formatReview(found)).toContain('gate.regression.margin `0.1` → `none` (weaker)')
    expect(reviewTitle(found)).toBe('Not shown to be close to the base')
  })

  it('passes without a comparison if there is no base: none given, a hash of zeros, or no results', async () => {
    for (const base of ['', '0'.repeat(40), 'start']) {
      const found = await review(base, 'good')
      expect(found.regression.kind).toBe('no base')
      expect(requireReviewPassed(found)).toContain('Passed without a comparison: there is no base')
      expect(formatReview(found)).toContain('## ⚠️ Gate passed, no base to compare with; read the warnings')
    }
  })

  it('compares with a base that another version wrote, or says why that is impossible', async () => {
    await repository.writeResults({ net: GOOD })
    await repository.write('params.yaml', 'gate: { bar: 1 }\n')
    const older = await repository.commit('older')
    const compared = await review(older, 'good')
    expect(compared.regression.kind).toBe('no worse')
    expect(conclusionOf(compared)).toBe('neutral')
    expect(formatReview(compared)).toContain(
      '- ⚠️ **Gate.** `net` reaches 100.0 % (6/6) on validation and 100.0 % (6/6) on test; there is no base with thresholds; its own are 50.0 % and 50.0 %.',
    )
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

  it('judges one commit that lowers the gate, empties the ledger, excludes a wrong test image and relabels one by its base', async () => {
    const gate = { ...GATE, validation: 0.9, test: 0.8, minTestImages: 6 }
    const wrong = { ...GOOD, test: { cat: 'cc', dog: 'dd', horse: 'hd' } }
    await repository.write('params.yaml', await sampleParams({ gate }))
    await repository.write('src/gate/gate.ts', 'export const accepts = (accuracy: number) => accuracy >= 0.9\n')
    await repository.write('records/trainings.jsonl', '{"a":1}\n{"b":2}\n')
    await repository.write('exclude.csv', 'id,reason\n')
    await repository.write('data.dvc', 'outs: [{ md5: 1.dir, nfiles: 40 }]\n')
    await repository.writeResults({ net: wrong })
    await repository.commit('strict')

    const lowered = {
      ...gate,
      validation: 0.1,
      test: 0.1,
      minTestImages: 1,
      regression: { alpha: 0.05, minImages: 1000 },
    }
    const forged = predictionsOf({ ...wrong, holdout: WORSE.holdout ?? {} })
      .filter(({ id }) => id !== 'test/horse/test-1.png')
      .map((each) => (each.id === 'test/dog/test-0.png' ? { ...each, label: 'cat' } : each))
    await repository.write('params.yaml', await sampleParams({ gate: lowered }))
    await repository.write('src/gate/gate.ts', 'export const accepts = () => true\n')
    await repository.write('exclude.csv', 'id,reason\ntest/horse/test-1.png,unsuitable\n')
    await repository.write('records', undefined)
    await repository.write('data.dvc', 'outs: [{ md5: 2.dir, nfiles: 39 }]\n')
    await repository.writeResults({ net: forged })
    const found = await review('strict', await repository.commit('attack'))

    // by its own thresholds all is well, and its files agree with each other
    expect(found.own).toMatchObject({ gate: { misses: [] }, regression: { kind: 'too few' } })
    expect(found.freshness).toEqual({ state: 'up to date', lines: [] })
    expect(conclusionOf(found)).toBe('failure')
    const lines = formatReview(found).split('\n')
    expect(lines[0]).toBe('## ❌ The gate is missed, worse than the base, lines of records/ are removed')
    expect(lines.filter((line) => /^- [^`]/.test(line))).toEqual([
      expect.stringContaining('- ❌ **Gate.** Expected at least 6 test images (gate.minTestImages), received 5.'),
      expect.stringContaining(
        '- ❌ **Compared with the base.** Expected `net` to be no worse than `net` of `strict` on 26 shared',
      ),
      expect.stringContaining('- ✅ **Up to date.**'),
      '- ⚠️ **Thresholds.** This commit changes gate.minTestImages `6` → `1` (weaker), gate.regression.minImages `10` → `1000` (weaker), gate.test `0.8` → `0.1` (weaker), gate.validation `0.9` → `0.1` (weaker). By its own thresholds: gate passed, too few images. They do not count here.',
      "- ⚠️ **Test set.** 6 → 5 images: 0 in, 1 out, 1 relabelled (`test/horse/test-1.png` `dropped`, `test/dog/test-0.png` `relabelled dog -> cat`). The base's `net` was wrong on 1 of those out.",
      "- ⚠️ **Exclusions.** 1 more, 0 fewer; of the new ones, 1 were test images and 0 validation or holdout images (`test/horse/test-1.png`). The base's `net` was wrong on 1 of those out.",
      '- ⚪ **Data.** `40` → `39` files, pin `1.dir` → `2.dir`.',
      '- ❌ **Ledger.** Expected `records/test-evaluations.jsonl` to keep every line, received it without 2 of 2. Restore them from git; lines are only ever added.',
      '- ❌ **Ledger.** Expected `records/trainings.jsonl` to keep every line, received it without 2 of 2. Restore them from git; lines are only ever added.',
      "- ⚠️ **Judging code.** 1 file that judges or publishes changed: `src/gate/gate.ts`. The workflow judges by the base's code; the changes count from the merge on.",
    ])
    // 4 of 5 are right where 5 of 6 were: of the 4 that both have with one label, all are in both
    expect(lines.find((line) => line.startsWith('| **`net`** (chosen)'))).toContain(
      '80.0 % (4/5, 28.4-99.5) = on 4 shared |',
    )
  })

  it('blames no head for what its base has done since', async () => {
    for (const path of ['records', 'exclude.csv', 'data.dvc', 'src']) await repository.write(path, undefined)
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.commit('fork')
    await repository.write('records/trainings.jsonl', '{"c":3}\n')
    await repository.write('params.yaml', await sampleParams({ gate: { ...GATE, test: 0.6 } }))
    await repository.writeResults({ net: GOOD })
    await repository.commit('moved')
    await repository.git('checkout', '--quiet', '--detach', 'fork')
    const found = await review('moved', await repository.commit('behind'))
    expect(found.thresholds.test).toBe(0.6)
    expect([conclusionOf(found), found.notices, found.own]).toEqual(['success', [], undefined])
  })

  it('warns of images that go or have another label, in validation and holdout too, and only notes new ones', async () => {
    const answers = predictionsOf(GOOD)
    const more = answers.filter(({ id }) => /horse\/(test|validation)-1/.test(id))
    await repository.write('params.yaml', await sampleParams())
    await repository.write('exclude.csv', 'id,reason\ntrain/cat/66.png,blurred\n')
    await repository.writeResults({ net: answers })
    await repository.commit('images')

    await repository.write('exclude.csv', 'id,reason\ntrain/cat/66.png,blurred\ntrain/cat/77.png,blurred\n')
    await repository.writeResults({ net: [...answers, ...more.map((each) => ({ ...each, id: `${each.id}.png` }))] })
    const grown = await review('images', await repository.commit('grown'))
    expect(conclusionOf(grown)).toBe('success')
    expect(noticesIn(grown)).toEqual([
      '⚪ **Test set.** 6 → 7 images: 1 in, 0 out, 0 relabelled (`test/horse/test-1.png.png` `added`).',
      '⚪ **Validation and holdout.** 28 → 29 images: 1 in, 0 out, 0 relabelled.',
      '⚪ **Exclusions.** 1 more, 0 fewer; of the new ones, 0 were test images and 0 validation or holdout images (`train/cat/77.png`).',
    ])
    expect(requireReviewPassed(grown)).toMatch(/^passed: /)

    await repository.write('exclude.csv', 'id,reason\ntrain/cat/66.png,blurred\n')
    const [dropped, relabelled] = ['train/cat/holdout-0.png', 'train/dog/validation-0.png']
    const others = answers.filter(({ id }) => id !== dropped)
    await repository.writeResults({
      net: others.map((each) => (each.id === relabelled ? { ...each, label: 'cat' } : each)),
    })
    const changed = await review('images', await repository.commit('changed'))
    expect(conclusionOf(changed)).toBe('neutral')
    const notice = `28 → 27 images: 0 in, 1 out, 1 relabelled (\`${dropped}\`, \`${relabelled}\`).`
    expect(noticesIn(changed)).toEqual([`⚠️ **Validation and holdout.** ${notice}`])
    expect(formatReview(changed)).toMatch(
      /^\| \*\*`net`\*\* \(chosen\) .* = on 5 shared \| .* = on 21 shared \| [^|]* = \|/m,
    )
    expect(requireReviewPassed(changed)).toMatch(/^passed with warnings: /)
    await repository.write('exclude.csv', undefined)
  })

  it.each([
    [
      0.4,
      'neutral',
      'weaker',
      /^passed with warnings: [^\n]+\n {2}- Thresholds: This commit changes gate\.test 0\.5 → 0\.4 /,
    ],
    [0.6, 'success', 'stricter', /^passed: [^\n]+$/],
  ])('concludes of a threshold of %f, and nothing else, %s, since it is %s', async (test, conclusion, word, line) => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.commit('half')
    await repository.write('params.yaml', await sampleParams({ gate: { ...GATE, test } }))
    await repository.writeResults({ net: GOOD })
    const found = await review('half', await repository.commit('threshold'))
    expect(conclusionOf(found)).toBe(conclusion)
    expect(formatReview(found)).toContain(`(${word}). By its own thresholds`)
    expect(requireReviewPassed(found)).toMatch(line)
  })

  it('gives no green tick where the results of the base cannot be read, though its thresholds can', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.write('results/metrics/net.json', '{')
    const base = await repository.commit('unreadable')
    await repository.writeResults({ net: GOOD })
    const found = await review(base, await repository.commit('readable'))
    expect(found.hasBaseThresholds).toBe(true)
    expect(conclusionOf(found)).toBe('neutral')
  })

  it('fails a commit that only removes a line of records/', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.write('records/trainings.jsonl', '{"a":1}\n{"b":2}\n')
    await repository.writeResults({ net: GOOD })
    await repository.commit('recorded')
    await repository.write('records/trainings.jsonl', '{"b":2}\n')
    const found = await review('recorded', await repository.commit('forgetful'))
    expect(conclusionOf(found)).toBe('failure')
    expect(reviewTitle(found)).toBe('Lines of records/ are removed')
    expect(() => requireReviewPassed(found)).toThrow(
      /^Expected records\/trainings\.jsonl to keep every line, received it without 1 of 2\./,
    )
    await repository.write('records/trainings.jsonl', undefined)
  })

  it('reads a base whose test set another version wrote', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.write('test-set.csv', 'path,hash\na,b\n')
    const base = await repository.commit('older-set')
    await repository.writeResults({ net: GOOD })
    const found = await review(base, await repository.commit('newer-set'))
    expect(noticesIn(found)).toEqual([expect.stringMatching(/^⚪ \*\*Test set\.\*\* 0 → 6 images: 6 in, 0 out/)])
  })

  it('calls sentences stale unless the head changes the code that words them', async () => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.commit('worded')
    await repository.write('results/README.md', '# Results\n')
    const edited = await review('worded', await repository.commit('edited'))
    expect(edited.freshness).toEqual({
      state: 'stale',
      lines: ['its verdict', 'its table'].map((what) => expect.stringContaining(`results/README.md: ${what} does not`)),
    })
    await repository.write('src/report/words.ts', 'export const words = []\n')
    const reworded = await review('worded', await repository.commit('reworded'))
    expect([conclusionOf(reworded), reworded.freshness.lines]).toEqual(['neutral', []])
    expect(noticesIn(reworded)).toEqual([
      expect.stringMatching(/^⚠️ \*\*Wording\.\*\* .* \(`src\/report\/words\.ts`\), so read these files\.$/),
    ])
    await repository.write('src', undefined)
  })

  it.each([
    '.github/workflows/review.yml',
    'src/review/x.ts',
    'src/scores/x.ts',
    'src/evaluate/x.ts',
    'src/records/x.ts',
  ])('warns of a change of %s, which judges from the merge on', async (path) => {
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    const base = await repository.commit('judged')
    await repository.write(path, 'changed\n')
    const found = await review(base, await repository.commit('judges'))
    await repository.write(path, undefined)
    expect(conclusionOf(found)).toBe('neutral')
    expect(noticesIn(found)).toEqual([
      expect.stringContaining('⚠️ **Judging code.** 1 file that judges or publishes changed'),
    ])
  })

  it('says that there is nothing to compare where the commits have no image in common, and shows no changes', async () => {
    await repository.write('params.yaml', await sampleParams())
    const answers = predictionsOf(GOOD)
    await repository.writeResults({ net: answers.map((answer) => ({ ...answer, id: `${answer.id}.other` })) })
    const found = await review('good', await repository.commit('other'))
    expect(requireReviewPassed(found)).toContain(
      'Passed without a comparison: there is no base to compare with (the head has none of its holdout and test images with the same label).',
    )
    const markdown = formatReview(found)
    expect(markdown).not.toMatch(/newly wrong|0 shared|NaN/)
    expect(markdown).toMatch(/^\| \*\*`net`\*\* \(chosen\) \|(?: [^=▲▼|]+\|)+$/m)
  })

  it('gives no green tick where the base cannot read the head, or a file is missing', async () => {
    await repository.write('records', undefined)
    await repository.write('params.yaml', await sampleParams())
    await repository.writeResults({ net: GOOD })
    await repository.write('dvc.yaml', undefined)
    const found = await review('good', await repository.commit('pipeless'))
    expect(conclusionOf(found)).toBe('failure')
    expect(formatReview(found)).toContain(
      '- ❌ **Up to date.** 1 fault: `Expected dvc.yaml to hold a map, received nothing.',
    )
    await repository.write('dvc.yaml', 'stages: { gate: { cmd: x, matrix: [1] } }\n')
    const newer = await review('good', await repository.commit('newer'))
    expect([conclusionOf(newer), newer.freshness.lines]).toEqual([
      'failure',
      [expect.stringContaining("Expected dvc.yaml in the part of DVC's language")],
    ])
  })
})
