import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Params, parseParams } from '../../../src/command-line/params.ts'
import { entryWith } from '../../../src/dvc/tuning/entry.ts'
import { allSettings, parseGrid } from '../../../src/dvc/tuning/grid.ts'

let params: Params
beforeAll(async () => {
  const { train, ...rest } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
  const schedule = { kind: 'step', everyEpochs: 3, factor: 0.1 } as const
  const models = { net: { architecture: 'mobilenet', mode: 'zero', width: 0.25 } } as const
  params = { ...rest, train: { ...train, schedule }, models }
})

const entryOf = (grid: string) => allSettings(parseGrid(grid)).map((settings) => entryWith(params, 'net', settings))[0]

describe('entryWith', () => {
  it('sets keys of the entry, and names them', () => {
    expect(entryOf('width=0.5 learningRate=0.1')).toEqual({
      entry: { architecture: 'mobilenet', mode: 'zero', width: 0.5, learningRate: 0.1 },
      changed: ['width', 'learningRate'],
    })
  })

  it('changes one value of a section that the entry takes from train', () => {
    const schedule = { kind: 'step', everyEpochs: 3, factor: 0.5 }
    expect(entryOf('schedule.factor=0.5')).toMatchObject({ entry: { schedule }, changed: ['schedule'] })
  })

  it('changes several values of a section one after the other', () => {
    const schedule = { kind: 'step', everyEpochs: 2, factor: 0.5 }
    expect(entryOf('schedule.factor=0.5 schedule.everyEpochs=2')).toMatchObject({ entry: { schedule } })
  })

  it('replaces a whole section', () => {
    expect(entryOf('schedule={kind: constant}')?.entry.schedule).toEqual({ kind: 'constant' })
  })

  it.each([
    ['learningrate=1', 'received learningrate=1 (models.net: Unrecognized key: "learningrate").'],
    ['optimizer=nope', 'received optimizer=nope (models.net.optimizer: Invalid option'],
    ['schedule.kind=constant', 'received schedule.kind=constant (models.net.schedule: Unrecognized keys'],
    ['batchSize=0 width=3', /models\.net\.batchSize: .*; models\.net\.width: /],
  ])('refuses %s in one line', (grid, message) => {
    expect(() => entryOf(grid)).toThrow(message)
    expect(() => entryOf(grid)).toThrow(/^.*$/)
  })
})
