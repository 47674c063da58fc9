import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { paths } from '../../src/core/paths.ts'
import { readIdentity, writeIdentity } from '../../src/scores/identity.ts'
import { identityOf } from '../evaluate/scored.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { runStage, startStage, writeEvaluation, writeParams } from './evaluated.ts'

const GATE =
  '{ validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2, regression: { alpha: 0.05, minImages: 50 } }'
const ZERO = { validation: { cat: 'cd', dog: 'd', horse: 'h' }, test: { cat: 'c', dog: 'd', horse: 'h' } }
const MOBILE = { validation: { cat: 'dd', dog: 'd', horse: 'h' }, test: { cat: 'c', dog: 'c', horse: 'h' } }

const LOOKS = 'records/test-evaluations.jsonl'
const WEIGHTS = {
  source: 'https://weights.example/resnet50.h5',
  checksum: `MD5 ${'d'.repeat(32)}`,
  licence: 'MIT, Kaiming He',
}
const HOLDOUT = { cat: 'ccccccccc', dog: 'ddddddddd', horse: 'hhhhhhhhd' }

const temporary = temporaryFolder({ per: 'file' })
let folder: string
/** The page and the demo once all is recorded. */
let pages: string[]
beforeAll(async () => {
  folder = temporary.path
  await writeParams(folder, GATE)
  await writeEvaluation(folder, 'original-zero', ZERO)
  await writeEvaluation(folder, 'mobilenet025-zero', MOBILE)
})

/** Everything in results/, by its name. */
async function readResults(): Promise<Record<string, string>> {
  const entries = await readdir(join(folder, 'results'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const texts = files.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

function readOwn(config: string) {
  return readIdentity(join(folder, paths.identity(config)))
}

/** The page and the files of the demo. */
function readPages(): Promise<string[]> {
  const files = ['index.html', 'demo/demo.js', 'demo/demo.json', 'demo/index.html']
  return Promise.all(files.map((file) => readFile(join(folder, 'artifacts/report', file), 'utf8')))
}

describe('report', () => {
  it('writes README, model card, and metrics, predictions and curves of each configuration', async () => {
    const { stdout, stderr } = await startStage(folder, 'report')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^report: original-zero chosen, 2 configurations, results\/README\.md \(\d+\.\d s\)$/)
    const results = await readResults()
    expect(Object.keys(results)).toEqual([
      'results/README.md',
      'results/accuracy.json',
      'results/confusion/mobilenet025-zero.csv',
      'results/confusion/original-zero.csv',
      'results/gate.json',
      'results/label-candidates.csv',
      'results/metrics/mobilenet025-zero.json',
      'results/metrics/original-zero.json',
      'results/model-card.md',
      'results/plots/chosen_classes.svg',
      'results/plots/chosen_reliability.svg',
      'results/plots/mobilenet025-zero.svg',
      'results/plots/original-zero.svg',
      'results/predictions.csv',
    ])
    for (const name of ['metrics/original-zero.json', 'confusion/mobilenet025-zero.csv']) {
      const [kind, file = ''] = name.split('/')
      const [config, extension] = file.split('.')
      expect(results[`results/${name}`]).toBe(
        await readFile(join(folder, `artifacts/evaluate/${config}/${kind}.${extension}`), 'utf8'),
      )
    }
  })

  it('writes a model card that holds in an export too, where it is README.md: it links to no other file', async () => {
    const card = await readFile(join(folder, 'results/model-card.md'), 'utf8')
    expect(card).toMatch(/^# Model card: `original-zero`\n/)
    expect(card).not.toContain('](')
  })

  it('writes the wrong predictions of each configuration', async () => {
    const lines = (await readFile(join(folder, 'results/predictions.csv'), 'utf8')).split('\n')
    expect(lines).toEqual([
      'id,part,label,prediction_original-zero,prediction_mobilenet025-zero',
      'train/cat/validation-0.png,validation,cat,,dog',
      'train/cat/validation-1.png,validation,cat,dog,dog',
      'train/dog/validation-0.png,validation,dog,,',
      'train/horse/validation-0.png,validation,horse,,',
      'test/cat/test-0.png,test,cat,,',
      'test/dog/test-0.png,test,dog,,cat',
      'test/horse/test-0.png,test,horse,,',
      '',
    ])
  })

  it('begins with the verdict and shows tables and curves', async () => {
    const page = await readFile(join(folder, 'results/README.md'), 'utf8')
    expect(page.split('\n').slice(0, 3)).toEqual([
      '# Cats, dogs and horses',
      '',
      '**Gate passed.** `original-zero` has the best validation accuracy of 2 configurations, 75.0 % (3/4); the gate asks for 75.0 %. On the test images it reaches 100.0 % (3/3); the gate asks for 100.0 %. These 3 test images show with 95 % confidence that it is right on at least 36.8 % of images like them.',
    ])
    expect(page).toContain('| **original-zero** (chosen) |')
    expect(page).toContain('## Confusion matrix of `original-zero`')
    expect(page).toContain('![Loss, accuracy and F1 of mobilenet025-zero over 3 epochs](plots/mobilenet025-zero.svg)')
    expect(page).toContain(
      '- `mobilenet025-zero`: all 3 epochs used; fewer than the 5,000 images a class that training from zero needs: cat 2, dog 2.',
    )
    expect(page).toContain('– there are no holdout images.')
    expect(page).toContain('## Probabilities on the validation images')
    expect(page).toContain('On the 3 holdout and test images:')
    expect(page).toMatch(/\| Class +\| Precision \| Recall \|/)
  })

  it('counts the models that were evaluated on the test set, recorded or at hand, and says what passing it is worth', async () => {
    const page = await readFile(join(folder, 'results/README.md'), 'utf8')
    expect(page).toContain('2 models have been evaluated on this test set so far, those of this run included')
    expect(page).toContain('Without holdout images, nothing says how good the models really are.')
    const { model, testSet } = identityOf('another')
    const line = { configuration: 'another', model: model.digest, testSet, correct: 1, images: 3 }
    const lines = [line, { ...line, testSet: identityOf('x').model.digest }]
    await writeFile(join(folder, LOOKS), lines.map((each) => `${JSON.stringify(each)}\n`).join(''))
    await writeEvaluation(folder, 'original-zero', { ...ZERO, holdout: HOLDOUT })
    await writeEvaluation(folder, 'mobilenet025-zero', { ...MOBILE, holdout: HOLDOUT })
    await writeIdentity(join(folder, paths.identity('original-zero')), {
      ...(await readOwn('original-zero')),
      weights: WEIGHTS,
    })
    expect((await runStage(folder, 'report')).exitCode).toBe(0)
    const results = await readResults()
    const after = (results['results/README.md'] ?? '').replace(/ +/g, ' ')
    expect(after).toContain('3 models have been evaluated on this test set so far')
    // mobilenet025-zero is right on 2 of 4 validation images, and the gate asks for 75 %; nothing says what another was right on.
    expect(after).toContain('2 of them could have passed the gate, with at least 75.0 % on validation.')
    // (26/27)³ = 0.8929; 1 - (1 - 0.8929)² = 0.9885; the interval of 26 of 27 begins at 0.8103, whose cube is 0.5320: 0.7810.
    expect(after).toContain('| its holdout accuracy | 96.3 % | 89.3 % | 89.3 % to 98.9 % |')
    expect(after).toContain('| the lower end of its interval | 81.0 % | 53.2 % | 53.2 % to 78.1 % |')
    const own = {
      ...line,
      configuration: 'original-zero',
      model: (await readOwn('original-zero')).model.digest,
      correct: 3,
    }
    await writeFile(join(folder, LOOKS), [...lines, own].map((each) => `${JSON.stringify(each)}\n`).join(''))
    expect((await runStage(folder, 'report')).exitCode).toBe(0)
    expect(await readResults()).toEqual(results) // whenever a look is recorded
  })

  it('shows how long training took on the page alone, and says what is not recorded', async () => {
    const page = () => readFile(join(folder, 'artifacts/report/index.html'), 'utf8')
    expect(await page()).toContain('1 min 23 s')
    pages = await readPages()
    const results = await readResults()
    expect(JSON.stringify(results)).not.toMatch(/1 min 23 s|A processor/)
    const trainings = join(folder, 'records/trainings.jsonl')
    await rename(trainings, `${trainings}-away`)
    expect((await runStage(folder, 'report')).stdout).toMatch(
      /README\.md; 2 trainings are not recorded: run `npm run repro` \(\d+\.\d s\)$/,
    )
    expect(await page()).toContain('not recorded')
    expect(await readResults()).toEqual(results)
    await rename(`${trainings}-away`, trainings)
  })

  it('shows the images: counts, what was refused, and what is there twice', async () => {
    const page = (await readFile(join(folder, 'results/README.md'), 'utf8')).replace(/ +/g, ' ')
    expect(page).toContain('| cat | 2 | 1 | 0 | 1 | 4 |')
    expect(page).toContain('| all | 6 | 3 | 0 | 3 | 12 |')
    expect(page).toContain('The images are 48 to 64 pixels wide and high. Sources: unknown 12.')
    expect(page).toContain('- `train/cat/broken.png`: Input file contains unsupported image format')
    expect(page).toContain('- `train/cat/1.png`, `train/cat/2.png`')
  })

  it('lists labels to look at, all of them in a file', async () => {
    const page = (await readFile(join(folder, 'results/README.md'), 'utf8')).replace(/ +/g, ' ')
    expect(page).toContain('| `train/cat/validation-1.png` | validation | cat | dog |')
    const lines = (await readFile(join(folder, 'results/label-candidates.csv'), 'utf8')).split('\n')
    expect(lines[0]).toBe('id,part,label,prediction,probability,reason')
    expect(lines.slice(1).map((line) => line.replace(/0\.\d{6}/, 'p'))).toEqual([
      'train/cat/validation-1.png,validation,cat,dog,p,everyone',
      'train/horse/holdout-8.png,holdout,horse,dog,p,everyone',
      '',
    ])
  })

  it('describes the chosen model in a card: its use, its digests and what it was made from', async () => {
    const card = await readFile(join(folder, 'results/model-card.md'), 'utf8')
    const { model, testSet } = await readOwn('original-zero')
    for (const value of [model.digest, model.files['weights.bin'], testSet]) expect(card).toContain(`\`${value}\``)
    for (const value of Object.values(WEIGHTS)) expect(card).toContain(`\`${value}\``)
    expect(card).toContain('The model tells cat, dog and horse apart')
  })

  it('refuses the evaluation of another model', async () => {
    const path = join(folder, paths.identity('original-zero'))
    const own = await readFile(path, 'utf8')
    await writeFile(path, await readFile(join(folder, paths.identity('mobilenet025-zero'))))
    expect((await runStage(folder, 'report')).stderr).toMatch(
      /^report: DataError: Expected the evaluation of original-zero to be of the model in \S+ \([0-9a-f]{12}\), received one of another \([0-9a-f]{12}\)/,
    )
    await writeFile(path, own)
  })

  it('gives the same bytes again, keeps files of other origin, and leaves what other stages wrote alone', async () => {
    const before = await readResults()
    await writeFile(join(folder, 'results/plots/gone.svg'), '')
    await writeEvaluation(folder, 'gone', ZERO)
    await writeFile(join(folder, 'results/mine.txt'), 'mine')
    expect((await startStage(folder, 'report')).exitCode).toBe(0)
    expect(await readResults()).toEqual({ ...before, 'results/mine.txt': 'mine' })
    expect(await readPages()).toEqual(pages)
    expect(pages.slice(1).join('')).not.toContain(process.cwd())
    for (const path of ['artifacts/evaluate', 'artifacts/train']) {
      expect((await readdir(join(folder, path))).sort()).toEqual(['gone', 'mobilenet025-zero', 'original-zero'])
    }
  })

  it('makes a demo of the chosen model', async () => {
    const demo = join(folder, 'artifacts/report/demo')
    expect(JSON.parse(await readFile(join(demo, 'demo.json'), 'utf8'))).toEqual({
      title: 'Cats, dogs and horses',
      config: 'original-zero',
      classes: ['cat', 'dog', 'horse'],
      image: { size: 32, fit: 'cover' },
      temperature: expect.any(Number),
      novelty: null,
      sure: { share: 0.95, from: null, images: 4, needed: 59 },
    })
    expect(await readFile(join(demo, 'model/weights.bin'), 'utf8')).toBe('original-zero')
  })

  it('says which model is missing, and keeps the demo that was there', async () => {
    const model = join(folder, 'artifacts/train/original-zero/model')
    await rename(model, `${model}-away`)
    const { exitCode, stderr } = await runStage(folder, 'report')
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      'report: DataError: Expected a model in artifacts/train/original-zero/model, received: nothing at ',
    )
    expect((await readdir(join(folder, 'artifacts/report'))).sort()).toEqual(['demo', 'index.html'])
    await writeEvaluation(folder, 'original-zero', ZERO)
  })

  it('leaves results as they are when a configuration has no evaluation', async () => {
    const before = await readResults()
    const path = join(folder, 'artifacts/evaluate/original-zero')
    await rm(path, { recursive: true })
    const { exitCode, stderr } = await runStage(folder, 'report')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('report: DataError: Expected metrics at artifacts/evaluate/original-zero/metrics.json')
    expect(await readResults()).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['artifacts', 'params.yaml', 'records', 'results'])
  })

  it('says why the gate will fail, and does not fail itself', async () => {
    await writeEvaluation(folder, 'original-zero', {
      ...{ ...ZERO, holdout: HOLDOUT },
      test: { cat: 'c', dog: 'h', horse: 'h' },
    })
    expect((await runStage(folder, 'report')).exitCode).toBe(0)
    const page = await readFile(join(folder, 'results/README.md'), 'utf8')
    expect(page).toContain('**Gate failed.** Expected `original-zero` to reach 100.0 % on the test images (gate.test)')
    expect(page).toContain('Wrong: `test/dog/test-0.png` taken for `horse`.')
  })
})
