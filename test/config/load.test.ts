import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadParams, parseParams } from '../../src/command-line/params.ts'
import { selectConfiguration } from '../../src/train/params.ts'

const text = await readFile('profiles/sample.yaml', 'utf8')

/** The message about the sample's parameters after a change. */
function complaint(change: (params: Record<string, Record<string, unknown>>) => void): string {
  const params = parse(text)
  change(params)
  try {
    parseParams(stringify(params))
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('parseParams', () => {
  it('takes every profile, and the params.yaml that is committed', async () => {
    for (const file of await readdir('profiles')) {
      const path = join('profiles', file)
      const params = parseParams(await readFile(path, 'utf8'), file)
      expect(await loadParams(path)).toEqual(params)
      for (const name of Object.keys(params.models)) expect(selectConfiguration(params, name).name).toBe(name)
    }
    await expect(loadParams()).resolves.toBeDefined()
  })

  it("has a folder's configurations by budget, and takes the best one once it is no comment", async () => {
    const folder = await readFile('profiles/folder.yaml', 'utf8')
    const best = folder.replace(/^ {2}# best:.*\n( {2}# {3}.*\n)+/m, (lines) => lines.replaceAll(/^ {2}# /gm, '  '))
    const { models } = parseParams(best)
    expect(Object.keys(models).slice(0, 3)).toEqual(['fast', 'good', 'best'])
    expect(selectConfiguration(parseParams(best), 'best').entry).toMatchObject({ architecture: 'convnext', epochs: 10 })
  })

  it('has the seven configurations of the study in one of them, its two ways to fine-tune, and MobileNet', async () => {
    const { models, train, image } = await loadParams('profiles/animals10.yaml')
    const names = [
      'original-zero',
      ...['resnet50', 'efficientnetb4'].flatMap((network) => [`${network}-zero`, `${network}-transfer`]),
    ]
    const fineTuned = ['resnet50', 'efficientnetb4'].flatMap((network) => [
      `${network}-fine-tune`,
      `${network}-fine-tune-study`,
    ])
    expect(Object.keys(models)).toEqual(expect.arrayContaining([...names, ...fineTuned]))
    expect(Object.values(models).map(({ architecture }) => architecture)).toContain('mobilenet')
    for (const name of fineTuned.filter((each) => each.endsWith('-study'))) {
      expect(models[name]).toMatchObject({ fineTune: { head: null, unfreeze: 'all', batchNorm: 'moving' } })
    }
    expect({ ...train, size: image.size }).toMatchObject({
      size: 224,
      batchSize: 32,
      optimizer: 'adam',
      learningRate: 0.001,
    })
  })

  it('says of each fault its line, its key, what it is and what is allowed', () => {
    const message = (from: string, to: string) => {
      try {
        return parseParams(text.replace(from, to)) && 'none'
      } catch (error) {
        return (error as Error).message
      }
    }
    const line = (of: string) => text.slice(0, text.indexOf(of)).split('\n').length
    expect(message('width: 0.25', 'width: 0.3')).toBe(
      `params.yaml is not valid: line ${line('width: 0.25')}: models.mobilenet025-zero.width: 0.3; one of 0.25, 0.5, 0.75, 1`,
    )
    // not missing as well
    expect(message('  epochs: 8', '  epoch: 12')).toBe(
      `params.yaml is not valid: line ${line('  epochs: 8')}: train.epoch: did you mean epochs?`,
    )
    expect(message('\ntrain:', '\ntrian:')).toBe(
      `params.yaml is not valid: line ${line('\ntrain:') + 1}: trian: did you mean train?`,
    )
  })

  it('lists every fault, in the order of the lines', () => {
    const message = complaint((params) => {
      Object.assign(params.split as object, { train: 0.9 })
      Object.assign(params.train as object, { learningrate: 1, epochs: 'many', ema: 1, optimizer: 'adma' })
      delete params.gate?.test
    })
    const faults = message.split('\n').map((line) => line.replace(/^ {2}line \d+: /, ''))
    expect(faults).toEqual([
      'params.yaml is not valid:',
      'split: the three fractions must sum to 1',
      'train.epochs: "many"; a number',
      'train.optimizer: "adma"; one of adam, adamw, sgd',
      'train.ema: 1; below 1',
      'train.learningrate: did you mean learningRate?',
      'gate.test: missing; a number',
    ])
  })

  it.each([
    ['split', { train: 1.5 }],
    ['gate', { validation: -0.1 }],
    ['train', { batchSize: 0 }],
    ['train', { learningRate: Number.NaN }],
    ['train', { dropout: 1 }],
    ['train', { stopping: { early: null, converged: null, overfitting: null } }],
    [
      'models',
      {
        a: {
          architecture: 'original',
          mode: 'zero',
          stopping: { early: { monitor: 'luck', patience: 3, minChange: 0 } },
        },
      },
    ],
    ['image', { fit: 'stretch' }],
    ['fetch', { source: 'web' }],
    ['seed', undefined],
  ])('refuses a wrong %s: %j', (section, wrong) => {
    const message = complaint((params) => {
      if (wrong === undefined) delete params[section]
      else Object.assign(params[section] as object, wrong)
    })
    expect(message).toMatch(new RegExp(`: ${section}[.:]`))
  })

  it.each(['../up', 'a/b', 'a.b', 'A', 'a--b', '-a', '', 'a b', 'a$(b)', '__proto__'])(
    'refuses the configuration name %j',
    (name) => {
      const message = complaint((params) => {
        params.models = { [name]: { architecture: 'original', mode: 'zero' } }
      })
      expect(message).toContain('the name must be lower-case words and digits joined by single hyphens')
    },
  )

  it('refuses a key of another architecture, and weights without a place', () => {
    const message = complaint((params) => {
      params.models = {
        a: { architecture: 'original', mode: 'zero', width: 0.25 },
        b: { architecture: 'mobilenet', mode: 'transfer', width: 0.3 },
        c: { architecture: 'mobilenet', mode: 'transfer', width: 0.5, weights: { sha256: 'f'.repeat(64) } },
      }
    })
    expect(message).toContain('models.a.width: unknown key')
    expect(message).toContain('models.b.width: 0.3; one of 0.25, 0.5, 0.75, 1')
    expect(message).toContain('models.c.weights: must have either path or url')
  })

  it('refuses weights at a path that leaves the checkout', () => {
    const complainAbout = (path: string) =>
      complaint((params) => {
        const weights = { path, sha256: 'f'.repeat(64) }
        params.models = { a: { architecture: 'mobilenet', mode: 'transfer', width: 0.5, weights } }
      })
    expect(complainAbout('mine/model.json')).toBe('none')
    for (const path of ['/etc/passwd', '../net.h5', 'mine/../../net.h5', '..', '', 'a\0b']) {
      expect(complainAbout(path)).toContain('must be a relative path that stays in the checkout')
    }
  })

  it('wants to know how to fine-tune, where that is the mode, and nowhere else', () => {
    const fineTune = { head: { epochs: 5, learningRate: 0.001 }, unfreeze: 4, batchNorm: 'frozen' }
    const complainAbout = (entry: object) =>
      complaint((params) => {
        params.models = { a: { architecture: 'mobilenet', width: 0.5, ...entry } }
      })
    expect(complainAbout({ mode: 'fine-tune', fineTune })).toBe('none')
    expect(complainAbout({ mode: 'fine-tune', fineTune: { ...fineTune, head: null, unfreeze: 'all' } })).toBe('none')
    expect(complainAbout({ mode: 'transfer', fineTune })).toContain('models.a.fineTune: unknown key')
    expect(complainAbout({ mode: 'fine-tune' })).toContain('models.a.fineTune: missing; ')
    expect(complainAbout({ mode: 'fine-tune', fineTune: { ...fineTune, unfreeze: 'some' } })).toContain(
      `models.a.fineTune.unfreeze: "some"; must be 'all' or a number of blocks`,
    )
  })

  it('refuses class weights and balanced batches together, wherever each of them stands', () => {
    const fault =
      'models.original-zero: must have classWeights or sampling balanced, not both: rare classes would count twice'
    const both = complaint((params) => {
      Object.assign(params.train as object, { sampling: 'balanced' })
      Object.assign(params.models?.['original-zero'] as object, { classWeights: 'balanced' })
    })
    expect(both).toMatch(new RegExp(`^params.yaml is not valid: line \\d+: ${fault}$`))
    const one = complaint((params) => {
      Object.assign(params.train as object, { sampling: 'balanced', classWeights: 'balanced' })
      for (const entry of Object.values(params.models ?? {})) Object.assign(entry as object, { sampling: 'shuffled' })
    })
    expect(one).toBe('none')
  })

  it('refuses to watch the accuracy of mixed images, but where no image is mixed', () => {
    const mix = { brightness: 0, mixup: 0.2, cutmix: 0 }
    const target = { monitor: 'accuracy', value: 0.9 }
    const watched = (online: object | null, own: object = {}) =>
      complaint((params) => {
        Object.assign(params.augment as object, { online })
        Object.assign((params.train as { stopping: object }).stopping, { target })
        for (const entry of Object.values(params.models ?? {})) Object.assign(entry as object, own)
      })
    expect(watched(mix)).toMatch(/train\.stopping\.target: must not monitor accuracy with mixup or cutmix/)
    expect(watched({ ...mix, mixup: 0 })).toBe('none')
    expect(watched(mix, { stopping: { target: null } })).toBe('none')
    expect(watched(mix, { stopping: { target } })).toMatch(/models\.original-zero\.stopping\.target: must not/)
  })

  it('refuses what is no YAML in one line', () => {
    expect(() => parseParams('seed: [1\n')).toThrow(/^Expected params\.yaml to be YAML, received: /)
  })
})

describe('loadParams', () => {
  it('says how to make a params.yaml where there is none', async () => {
    await expect(loadParams('none.yaml')).rejects.toThrow('npm run use -- sample')
  })
})

describe('selectConfiguration', () => {
  const params = parseParams(text)

  it('gives the entry, and train with what the entry overrides', () => {
    const changed = parse(text)
    Object.assign(changed.models['mobilenet025-zero'], { epochs: 7, learningRate: 0.003 })
    const { entry, train } = selectConfiguration(parseParams(stringify(changed)), 'mobilenet025-zero')
    expect(entry).toMatchObject({ architecture: 'mobilenet', width: 0.25 })
    expect(train).toMatchObject({ epochs: 7, learningRate: 0.003, batchSize: params.train.batchSize })
    expect(train).not.toHaveProperty('width')
    expect(selectConfiguration(params, 'original-zero').train).toEqual(params.train)
  })

  it('replaces the stopping rules that the entry names, each whole, and keeps the others', () => {
    const stopping = { early: null, target: { monitor: 'accuracy', value: 0.99 } }
    const changed = parse(text)
    changed.train.stopping.overfitting = { monitor: 'validation_loss', epochs: 4 }
    changed.models['original-zero'].stopping = stopping
    const { train } = selectConfiguration(parseParams(stringify(changed)), 'original-zero')
    expect(train.stopping).toEqual({
      ...stopping,
      converged: null,
      overfitting: { monitor: 'validation_loss', epochs: 4 },
    })
  })

  it('puts the ranges of augment and those of online together, which is off for null', () => {
    const changed = parse(text)
    changed.augment.online = { brightness: 0.2, mixup: 0.1, cutmix: 0 }
    const { copies, online, ...ranges } = changed.augment
    const { online: joined } = selectConfiguration(parseParams(stringify(changed)), 'original-zero')
    expect(joined).toEqual({ ...ranges, ...online })
    expect(selectConfiguration(params, 'original-zero').online).toBeUndefined()
  })

  it.each(['vgg', '', 'toString', '__proto__'])('lists the configurations when %j is none of them', (name) => {
    expect(() => selectConfiguration(params, name)).toThrow('one of original-zero, mobilenet025-zero, received')
  })
})
