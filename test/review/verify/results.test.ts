import { describe, expect, it } from 'vitest'
import { parseParams } from '../../../src/command-line/params.ts'
import { type Checkout, openCheckout } from '../../../src/dvc/checkout.ts'
import { reportedIn } from '../../../src/review/reported.ts'
import { resultFaults } from '../../../src/review/verify/results.ts'
import { repositoryWith, sampleParams, takenWith } from '../repository.ts'

const repository = repositoryWith({ good: takenWith('ccccc') })

/** What contradicts after one edit: numbers, then texts. */
function faultsWith(file: string, from: string | RegExp, to: string): string[] {
  const files = openCheckout('.')
  const text = files.textOf(file) ?? ''
  expect(text.replace(from, to), `${file} ${from}`).not.toBe(text)
  const edited: Checkout = {
    ...files,
    textOf: (path) => (path === file ? text.replace(from, to) : files.textOf(path)),
    valuesIn: (path) => (path === file ? JSON.parse(text.replace(from, to)) : files.valuesIn(path)),
  }
  const { numbers, texts } = resultFaults(edited, reportedIn(edited), parseParams(files.textOf('params.yaml') ?? ''))
  return [...numbers, ...texts]
}

const README = /^results\/README\.md: its table does not match results\/metrics$/
const CARD = /^results\/model-card\.md: does not say "\| Holdout/

describe('resultFaults', () => {
  // of 7 of 7: 0.025^(1/7) and 0.05^(1/7)
  it.each<[string, string | RegExp, string, RegExp[]]>([
    [
      'results/metrics/net.json',
      /(?<="holdout": \{[^}]*"ci_low": )0\.590384/,
      '0.7',
      [/net\.json: holdout\.ci_low is 0\.7, but results\/predictions\.csv gives 0\.590384$/, README, CARD],
    ],
    [
      'results/metrics/net.json',
      /(?<="holdout": \{[^}]*"accuracy_at_least": )0\.651836/,
      '0.7',
      [/net\.json: holdout\.accuracy_at_least is 0\.7, but results\/predictions\.csv gives 0\.651836$/, CARD],
    ],
    [
      'results/metrics/net.json',
      /(?<="holdout": \{[^}]*"ci_high": )1/,
      '0.9',
      [/net\.json: holdout\.ci_high is 0\.9, but results\/predictions\.csv gives 1$/, README, CARD],
    ],
    [
      'results/metrics/net.json',
      /(?<="holdout": \{[^}]*"macro_precision": )1/,
      '0.9',
      [/net\.json: holdout\.macro_precision is 0\.9, but results\/predictions\.csv gives 1$/],
    ],
    [
      'results/metrics/net.json',
      /(?<="holdout": \{[^}]*"macro_recall": )1/,
      '0.9',
      [/net\.json: holdout\.macro_recall is 0\.9, but results\/predictions\.csv gives 1$/],
    ],
    ['results/gate.json', '"net"', '"other"', [/^results\/gate\.json: chosen is not net, the best on validation$/]],
    ['results/gate.json', 'true', 'false', [/^results\/gate\.json: passed is not true/]],
    [
      'results/accuracy.json',
      '"test":1',
      '"test":0.9',
      [/^results\/accuracy\.json: test does not match results\/metrics\/net\.json$/],
    ],
    [
      'results/README.md',
      'has a validation accuracy',
      'has the best validation accuracy of 9 configurations',
      [/^results\/README\.md: its verdict does not match results\/metrics and gate$/],
    ],
    ['results/README.md', /(?<=\*\*net\*\* .* \| +)100\.0/, '99.0', [README]],
    ['results/model-card.md', '`net`', '`other`', [/^results\/model-card\.md: does not say "# Model card: `net`"/]],
    [
      'results/model-card.md',
      /(?<=\| model \| `)[0-9a-f]{64}/,
      '0'.repeat(64),
      [/^records\/.*: no line for the model of/],
    ],
    [
      'results/model-card.md',
      /(?<=\| test set \| `)[0-9a-f]{64}/,
      '0'.repeat(64),
      [/model-card\.md: its test set is not/],
    ],
    [
      'records/test-evaluations.jsonl',
      /^.*\n/,
      '',
      [
        /^records\/.*: 0 lines with 6\/6 on this test set, but results\/metrics has 1 model with these counts$/,
        /^records/,
      ],
    ],
    [
      'test-set.csv',
      /(?<=test\/cat\/test-0\.png,[0-9a-f]+,)cat/,
      'dog',
      [
        /^results\/predictions\.csv: its test images are not those of test-set\.csv$/,
        /^records/,
        /^records/,
        /model-card/,
      ],
    ],
    [
      'test-set.csv',
      /$/,
      `test/cat/more.png,${'0'.repeat(64)},cat\n`,
      [
        /^results\/predictions\.csv: its test images are not those of test-set\.csv$/,
        /^records/,
        /^records/,
        /model-card/,
      ],
    ],
    [
      'exclude.csv',
      /^/,
      'id,reason\ntrain/cat/holdout-0.png,blurred\n',
      [/^results\/predictions\.csv: holds train\/cat\/holdout-0\.png, which exclude\.csv excludes$/],
    ],
    [
      'results/predictions.csv',
      /^(.*holdout-0.*\n)/m,
      '$1$1',
      [/net\.csv: holdout does not match/, /holdout\.images is 7/, /./, /./, /an image appears more than once/],
    ],
  ])('finds an edit of %s: %s becomes %s', (file, from, to, faults) => {
    expect(faultsWith(file, from, to)).toEqual(faults.map((fault) => expect.stringMatching(fault)))
  })

  it('counts the lines of the ledger where two models have the same counts', async () => {
    const model = { architecture: 'original', mode: 'zero' }
    await repository.write('params.yaml', await sampleParams({ models: { net: model, other: model } }))
    await repository.writeResults({ net: takenWith('ccccc'), other: takenWith('ccccd') })
    expect(faultsWith('records/test-evaluations.jsonl', /$/, '\n')).toEqual([])
    expect(faultsWith('records/test-evaluations.jsonl', /^.*"other".*\n/m, '')).toEqual([
      'records/test-evaluations.jsonl: 1 line with 6/6 on this test set, but results/metrics has 2 models with these counts',
    ])
  })
})
