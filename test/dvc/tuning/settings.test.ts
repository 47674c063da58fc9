import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Params, parseParams } from '../../../src/command-line/params.ts'
import { parseAxis, planTrials } from '../../../src/dvc/tuning/settings.ts'

let params: Params
beforeAll(async () => {
  const rest = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
  const schedule = { kind: 'step', everyEpochs: 3, factor: 0.1 } as const
  params = { ...rest, models: { net: { architecture: 'mobilenet', mode: 'zero', width: 0.25, schedule } } }
})

describe('parseAxis', () => {
  it('splits the values at commas outside brackets and quotes', () => {
    expect(parseAxis('learningRate=1e-4,1e-3')).toEqual({ key: 'learningRate', values: ['1e-4', '1e-3'] })
    expect(parseAxis('schedule={kind: constant},{kind: cosine, warmUpEpochs: 2} ')).toEqual({
      key: 'schedule',
      values: ['{kind: constant}', '{kind: cosine, warmUpEpochs: 2}'],
    })
    expect(parseAxis(`a.b="x,y",[1,2]`)).toEqual({ key: 'a.b', values: ['"x,y"', '[1,2]'] })
  })

  it.each(['', 'learningRate', 'learningRate=', 'learningRate=1,,2', '=1', 'a=1,1', 'a={b', 'a=1,'])(
    'refuses %j in one line',
    (text) => {
      expect(() => parseAxis(text)).toThrow(/^Expected --set KEY=VALUE,VALUE .*$/)
    },
  )
})

describe('planTrials', () => {
  const plan = (...axes: string[]) => planTrials(params, 'net', axes.map(parseAxis), (place) => `net-${place}`)

  it('gives every combination, the last key changing fastest', () => {
    const trials = plan('width=0.5,1', 'optimizer=adam,sgd')
    expect(trials.map(({ name, entry }) => [name, entry.width, entry.optimizer])).toEqual([
      ['net-0', 0.5, 'adam'],
      ['net-1', 0.5, 'sgd'],
      ['net-2', 1, 'adam'],
      ['net-3', 1, 'sgd'],
    ])
  })

  it('sets a value inside a section, and replaces a whole section', () => {
    expect(plan('schedule.factor=0.5')[0]?.entry.schedule).toEqual({ kind: 'step', everyEpochs: 3, factor: 0.5 })
    expect(plan('schedule={kind: constant}')[0]?.entry.schedule).toEqual({ kind: 'constant' })
  })

  it('adds or sets each key, and removes a section that the entry has, which DVC would merge', () => {
    expect(plan('width=0.5', 'schedule={kind: constant}').map(({ overrides }) => overrides)).toEqual([
      ['++models.net.width=0.5', '~models.net.schedule', '++models.net.schedule={kind: constant}'],
    ])
    expect(plan('schedule.factor=0.5')[0]?.overrides).toEqual(['++models.net.schedule.factor=0.5'])
  })

  it.each([
    [['learningrate=1'], 'received learningrate=1 (models.net.learningrate: did you mean learningRate?).'],
    [['optimizer=adam,nope'], 'received optimizer=nope (models.net.optimizer: "nope"; one of adam, adamw, sgd).'],
    [['schedule.kind=constant'], 'received schedule.kind=constant (models.net.schedule.everyEpochs: unknown key'],
    [['batchSize=0', 'width=3'], /models\.net\.batchSize: .*; models\.net\.width: /],
    [['epochs=[1'], 'Expected --set KEY=VALUE'],
  ])('refuses %j in one line', (axes, message) => {
    expect(() => plan(...axes)).toThrow(message)
    expect(() => plan(...axes)).toThrow(/^.*$/)
  })
})
