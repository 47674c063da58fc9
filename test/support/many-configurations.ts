import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { writeConsistentResults } from './consistent-results.ts'
import { writeLock } from './up-to-date.ts'

/**
 * Gives the checkout at `root` so many configurations, with results and a dvc.lock that is up to date: copies of the last
 * configuration there is, under other names.
 */
export async function multiplyConfigurations(root: string, count: number): Promise<void> {
  const params = parseDocument(await readFile(join(root, 'params.yaml'), 'utf8'))
  const models = params.get('models')
  if (!isMap(models)) throw new Error('no models')
  const names = models.items.map(({ key }) => String(key))
  const template = names.at(-1) ?? ''
  const added = Array.from({ length: count - names.length }, (_, i) => `${template}-${i}`)
  for (const name of added) models.set(name, params.createNode(params.getIn(['models', template], false)))
  await writeFile(join(root, 'params.yaml'), params.toString())
  for (const name of added) await copyResults(root, template, name)
  const file = join(root, 'results/predictions.csv')
  const [header = '', ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const column = header.split(',').indexOf(`prediction_${template}`)
  const text = [
    [header, ...added.map((name) => `prediction_${name}`)].join(','),
    ...rows.map((row) => [row, ...added.map(() => row.split(',')[column])].join(',')),
  ]
  await writeFile(file, `${text.join('\n')}\n`)
  await writeConsistentResults(root)
  await writeLock(root)
}

async function copyResults(root: string, from: string, to: string): Promise<void> {
  for (const [folder, extension] of [
    ['metrics', 'json'],
    ['confusion', 'csv'],
    ['plots', 'svg'],
  ]) {
    await cp(join(root, `results/${folder}/${from}.${extension}`), join(root, `results/${folder}/${to}.${extension}`))
  }
}
