import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runScript, writeEvaluation, writeParams } from './evaluated.ts'

const GATE = '{ validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2 }'
const ZERO = { validation: { cat: 'cccd' }, test: { cat: 'c', dog: 'd' } }
const MOBILE = { validation: { cat: 'ccdd' }, test: { cat: 'c', dog: 'c' } }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-report-'))
  await writeParams(folder, GATE)
  await writeEvaluation(folder, 'original-zero', ZERO)
  await writeEvaluation(folder, 'mobilenet025-zero', MOBILE)
})
afterAll(() => rm(folder, { recursive: true }))

/** Everything in results/, by its name. */
async function readResults(): Promise<Record<string, string>> {
  const entries = await readdir(join(folder, 'results'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const texts = files.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

describe('report', () => {
  it('writes the page, and metrics, predictions and curves of each configuration', async () => {
    const { stdout, stderr } = await runScript(folder, 'report')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^report: original-zero chosen, 2 configurations, results\/README\.md \(\d+\.\d s\)$/)
    const results = await readResults()
    expect(Object.keys(results)).toEqual([
      'results/README.md',
      'results/confusion/mobilenet025-zero.csv',
      'results/confusion/original-zero.csv',
      'results/metrics/mobilenet025-zero.json',
      'results/metrics/original-zero.json',
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

  it('keeps of the answers what is wrong', async () => {
    const lines = (await readFile(join(folder, 'results/predictions.csv'), 'utf8')).split('\n')
    expect(lines).toEqual([
      'id,part,label,prediction_original-zero,prediction_mobilenet025-zero',
      'train/cat/validation-0.png,validation,cat,,',
      'train/cat/validation-1.png,validation,cat,,',
      'train/cat/validation-2.png,validation,cat,,dog',
      'train/cat/validation-3.png,validation,cat,dog,dog',
      'test/cat/test-0.png,test,cat,,',
      'test/dog/test-0.png,test,dog,,cat',
      '',
    ])
  })

  it('begins with the verdict and shows tables and curves', async () => {
    const page = await readFile(join(folder, 'results/README.md'), 'utf8')
    expect(page.split('\n').slice(0, 3)).toEqual([
      '# Cats, dogs and horses',
      '',
      '**Gate passed.** `original-zero` has the best validation accuracy of 2 configurations, 75.0 % (3/4), and the gate asks for 75.0 %; on the test images it reaches 100.0 % (2/2), and the gate asks for 100.0 %. These 2 images alone say with a confidence of 95 % that it is right on at least 22.4 % of images like them.',
    ])
    expect(page).toContain('| **original-zero** (chosen) |')
    expect(page).toContain('## Confusion matrix of `original-zero`')
    expect(page).toContain('![Loss and accuracy of mobilenet025-zero over 3 epochs](plots/mobilenet025-zero.svg)')
    expect(page).toContain(
      '`mobilenet025-zero`: all 3 epochs used; fewer pictures than the 5,000 a class that training from zero wants: dog 0, horse 0, cat 4; classes as uneven as they are (no train.sampling, no train.classWeights), of dog 0 to cat 4 pictures.',
    )
    expect(page).toContain('– there are no holdout images.')
    expect(page).toContain('## Probabilities on the validation images')
    expect(page).toContain('On the 2 holdout and test images:')
    expect(page).toMatch(/\| Class +\| Precision \| Recall \|/)
  })

  it('gives the same bytes again, keeps what is not its own, and removes what is gone', async () => {
    const before = await readResults()
    await writeFile(join(folder, 'results/test-ledger.jsonl'), '{}\n')
    await writeFile(join(folder, 'results/plots/gone.svg'), '')
    await writeEvaluation(folder, 'gone', ZERO)
    await writeFile(join(folder, 'artifacts/evaluate/.gitignore'), '/gone\n')
    expect((await runScript(folder, 'report')).exitCode).toBe(0)
    expect(await readResults()).toEqual({ ...before, 'results/test-ledger.jsonl': '{}\n' })
    expect((await readdir(join(folder, 'artifacts/evaluate'))).sort()).toEqual([
      ...['.gitignore', 'mobilenet025-zero', 'original-zero'],
    ])
    expect((await readdir(join(folder, 'artifacts/train'))).sort()).toEqual(['mobilenet025-zero', 'original-zero'])
  })

  it('makes a demo of the chosen model, with the same bytes every time', async () => {
    const demo = join(folder, 'artifacts/report/demo')
    const read = () =>
      Promise.all(['demo.js', 'demo.json', 'index.html'].map((file) => readFile(join(demo, file), 'utf8')))
    const first = await read()
    expect(JSON.parse(first[1] ?? '')).toEqual({
      title: 'Cats, dogs and horses',
      config: 'original-zero',
      classes: ['cat', 'dog', 'horse'],
      image: { size: 32, fit: 'cover' },
      temperature: expect.any(Number),
      sure: { share: 0.95, from: null, images: 4 }, // 3 of 4 right, all of one probability
    })
    expect(await readFile(join(demo, 'model/weights.bin'), 'utf8')).toBe('original-zero')
    expect((await runScript(folder, 'report')).exitCode).toBe(0)
    expect(await read()).toEqual(first)
    expect(first.join('')).not.toContain(process.cwd())
  })

  it('says which model is missing, and keeps the demo that was there', async () => {
    const model = join(folder, 'artifacts/train/original-zero')
    await rename(model, `${model}-away`)
    const { exitCode, stderr } = await runScript(folder, 'report')
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      'report: DataError: Expected a model in artifacts/train/original-zero/model, received: ENOENT',
    )
    expect(await readdir(join(folder, 'artifacts/report'))).toEqual(['demo'])
    await writeEvaluation(folder, 'original-zero', ZERO)
  })

  it('leaves results as they are when a configuration has no evaluation', async () => {
    const before = await readResults()
    const path = join(folder, 'artifacts/evaluate/original-zero')
    await rm(path, { recursive: true })
    const { exitCode, stderr } = await runScript(folder, 'report')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('report: DataError: Expected metrics at artifacts/evaluate/original-zero/metrics.json')
    expect(await readResults()).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['artifacts', 'params.yaml', 'results'])
  })

  it('says why the gate will fail, and does not fail itself', async () => {
    await writeEvaluation(folder, 'original-zero', { ...ZERO, test: { cat: 'c', dog: 'h' } })
    await mkdir(join(folder, 'results'), { recursive: true })
    expect((await runScript(folder, 'report')).exitCode).toBe(0)
    const page = await readFile(join(folder, 'results/README.md'), 'utf8')
    expect(page).toContain('**Gate failed.** Expected `original-zero` to reach 100.0 % on the test images (gate.test)')
    expect(page).toContain('Wrong: `test/dog/test-0.png` taken for `horse`.')
  })
})
