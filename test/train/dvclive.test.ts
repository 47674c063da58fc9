import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCurves } from '../../src/train/dvclive.ts'
import { historyRow } from '../support/history-row.ts'

const rows = [1, 2, 3].map((epoch) => historyRow(epoch, { loss: 1 / epoch, validation_accuracy: 0.5 + epoch / 10 }))

describe('openCurves', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-curves-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function draw(path: string, ...histories: (typeof rows)[]): Promise<string[]> {
    const warnings: string[] = []
    const curves = openCurves(path, (message) => warnings.push(message))
    for (const history of histories) curves.draw(history)
    await curves.close()
    return warnings
  }

  it('writes what DVCLive would: a table of each metric by step, and the latest values', async () => {
    expect(await draw(join(folder, 'net'), rows.slice(0, 1), rows.slice(0, 2))).toEqual([])
    expect((await readdir(join(folder, 'net'), { recursive: true })).filter((name) => /\./.test(name)).sort()).toEqual([
      'metrics.json',
      'plots/metrics/learning_rate.tsv',
      'plots/metrics/train/accuracy.tsv',
      'plots/metrics/train/loss.tsv',
      'plots/metrics/validation/accuracy.tsv',
      'plots/metrics/validation/loss.tsv',
      'plots/metrics/validation/macro_f1.tsv',
    ])
    expect(await readFile(join(folder, 'net/plots/metrics/train/loss.tsv'), 'utf8')).toBe('step\tloss\n1\t1\n2\t0.5\n')
    expect(JSON.parse(await readFile(join(folder, 'net/metrics.json'), 'utf8'))).toMatchObject({
      train: { loss: 0.5 },
      validation: { accuracy: 0.7 },
      step: 2,
    })
  })

  it('has each epoch once when a training goes on from its checkpoint', async () => {
    await draw(join(folder, 'resumed'), rows.slice(0, 2)) // killed in the third epoch
    await draw(join(folder, 'resumed'), rows.slice(0, 1), rows.slice(0, 2), rows) // goes on from a checkpoint of the first
    const table = await readFile(join(folder, 'resumed/plots/metrics/validation/accuracy.tsv'), 'utf8')
    expect(table).toBe('step\taccuracy\n1\t0.6\n2\t0.7\n3\t0.8\n')
  })

  it('removes the curves of a training before when another one begins', async () => {
    await draw(join(folder, 'again'), rows)
    await draw(join(folder, 'again'), [])
    expect(await readdir(folder)).not.toContain('again')
  })

  it('tells once what it cannot write, and lets the training go on', async () => {
    await writeFile(join(folder, 'file'), '')
    const warnings = await draw(join(folder, 'file/net'), rows.slice(0, 1))
    expect(warnings).toEqual([
      expect.stringMatching(/^the curves in .* could not be written: .* Training goes on without\.$/),
    ])
  })
})
