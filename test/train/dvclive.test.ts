import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCurves } from '../../src/train/dvclive.ts'
import { historyRow } from '../support/history-row.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const rows = [1, 2, 3].map((epoch) => historyRow(epoch, { loss: 1 / epoch, validation_accuracy: 0.5 + epoch / 10 }))

describe('openCurves', () => {
  const folder = temporaryFolder()

  async function draw(path: string, ...histories: (typeof rows)[]): Promise<string[]> {
    const warnings: string[] = []
    const curves = openCurves(path, (message) => warnings.push(message))
    for (const history of histories) curves.draw(history)
    await curves.close()
    return warnings
  }

  it('writes what DVCLive would: a table of steps for each metric, and the latest values', async () => {
    expect(await draw(join(folder.path, 'net'), rows.slice(0, 1), rows.slice(0, 2))).toEqual([])
    expect(
      (await readdir(join(folder.path, 'net'), { recursive: true })).filter((name) => /\./.test(name)).sort(),
    ).toEqual([
      'metrics.json',
      'plots/metrics/learning_rate.tsv',
      'plots/metrics/train/accuracy.tsv',
      'plots/metrics/train/loss.tsv',
      'plots/metrics/validation/accuracy.tsv',
      'plots/metrics/validation/loss.tsv',
      'plots/metrics/validation/macro_f1.tsv',
    ])
    expect(await readFile(join(folder.path, 'net/plots/metrics/train/loss.tsv'), 'utf8')).toBe(
      'step\tloss\n1\t1\n2\t0.5\n',
    )
    expect(JSON.parse(await readFile(join(folder.path, 'net/metrics.json'), 'utf8'))).toMatchObject({
      train: { loss: 0.5 },
      validation: { accuracy: 0.7 },
      step: 2,
    })
  })

  it('has each epoch once after a training continues from its checkpoint', async () => {
    await draw(join(folder.path, 'resumed'), rows.slice(0, 2)) // killed in the third epoch
    await draw(join(folder.path, 'resumed'), rows.slice(0, 1), rows.slice(0, 2), rows) // continues from a checkpoint of the first
    const table = await readFile(join(folder.path, 'resumed/plots/metrics/validation/accuracy.tsv'), 'utf8')
    expect(table).toBe('step\taccuracy\n1\t0.6\n2\t0.7\n3\t0.8\n')
  })

  it('removes the curves of an earlier training when another one begins', async () => {
    await draw(join(folder.path, 'again'), rows)
    await draw(join(folder.path, 'again'), [])
    expect(await readdir(folder.path)).not.toContain('again')
  })

  it('warns once about a failed write, and lets the training continue', async () => {
    await writeFile(join(folder.path, 'file'), '')
    const warnings = await draw(join(folder.path, 'file/net'), rows.slice(0, 1))
    expect(warnings).toEqual([
      expect.stringMatching(/^the curves in .* could not be written: .* Training continues\.$/),
    ])
  })
})
