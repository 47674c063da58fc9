import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { loadModel } from '../../src/network/saved.ts'
import { readHistory } from '../../src/scores/history.ts'
import { decodeCheckpoint, epochOf, listCheckpoints } from '../../src/train/checkpoint.ts'
import { bestEpochOf } from '../../src/train/stopping.ts'
import { answersOf, type Clone, cloneCheckout, commit, type Outcome, startedStages } from '../support/clone.ts'
import { makeTiny, TINY_PARAMS } from '../support/tiny.ts'
import { trainingsIn } from '../support/trainings.ts'

/** It would train for hours. */
const EPOCHS = 100_000
/** Some seconds, so that the checkpoint of an epoch is there for longer than a command takes to start. */
const EVERY_EPOCHS = 30
/** Less than an epoch takes, on a fast machine too. */
const EARLY_MS = 150
const IMAGES = ['data/test/cat/0001.png', 'data/test/horse/0002.png']

let clone: Clone
/** `npm run repro`, whose one training is ended by hand. */
let running: Promise<Outcome>
let ended: Outcome
/** What `predict` said meanwhile, by the checkpoint that it was asked for. */
const said = new Map<string, Outcome>()
/** A checkpoint that was there when `predict` was asked for it. */
let epoch: string
/** Where the training was when `finish` was asked for, and what `predict` said of its best weights. */
let before: { readonly epochs: number; readonly bestEpoch: number; readonly weights: ReadonlyMap<string, Float32Array> }
let bestSaid: Outcome
let asked: Outcome

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeTiny(clone, {
    ...TINY_PARAMS,
    fetch: { ...TINY_PARAMS.fetch, imagesPerClass: 60 }, // 38 steps an epoch
    'image.size': 32,
    'train.batchSize': 4,
    'train.batchNormMomentum': 0.9,
    'train.stopping.early': null,
    'checkpoint.everyEpochs': EVERY_EPOCHS,
    models: { net: { architecture: 'mobilenet', mode: 'zero', width: 0.25, epochs: EPOCHS } },
  })
  await commit(clone)
  running = clone.run('repro')
  await newCheckpoint()
  epoch = String(epochOf(await newCheckpoint()))
  for (const which of [epoch, 'last', 'best']) said.set(which, await predict(which))
  await Promise.all(['first', String(EPOCHS)].map(async (which) => said.set(which, await predict(which))))
  await finishAtRest()
  ended = await running
})
afterAll(() => clone?.remove())

/** Asks for the end while the training is held early in an epoch, so that its best weights cannot change in between. */
async function finishAtRest(): Promise<void> {
  const trainings = await trainingsIn(clone)
  const send = (signal: NodeJS.Signals) => {
    for (const pid of trainings) process.kill(pid, signal)
  }
  for (;;) {
    const file = join(await checkpoints(), await newCheckpoint())
    send('SIGSTOP')
    if (Date.now() - (await stat(file)).mtimeMs < EARLY_MS) break
    send('SIGCONT')
  }
  before = await readNewest()
  bestSaid = await predict('best')
  asked = await clone.run('finish', '--config', 'net')
  send('SIGCONT')
}

describe('predict --checkpoint, while a training goes on', () => {
  it('answers by the weights of the last step, of the best epoch and of an epoch', () => {
    for (const which of ['last', 'best', epoch]) {
      const outcome = said.get(which)
      expect(outcome, which).toMatchObject({ exitCode: 0, output: expect.stringContaining('are not calibrated') })
      const answers = answersOf(outcome?.output ?? '')
      expect(answers.map(({ file }) => file)).toEqual(IMAGES)
      for (const { probabilities } of answers) {
        expect(probabilities).toHaveLength(3)
        expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 4)
      }
    }
    expect(answersOf(said.get('last')?.output ?? '')).not.toEqual(answersOf(said.get('best')?.output ?? ''))
  })

  it('refuses an epoch that is not kept, and a word, in a line that says what there is', () => {
    expect(said.get(String(EPOCHS))).toEqual({
      exitCode: 1,
      output: expect.stringMatching(
        /^predict: DataError: Expected the checkpoint 100000 of net, received last, best, \d+, \d+\. Name one of these\.$/,
      ),
    })
    expect(said.get('first')).toEqual({
      exitCode: 1,
      output: 'predict: ConfigError: Expected --checkpoint last, best or the number of an epoch, received first.',
    })
  })
})

describe('finish', () => {
  it('ends the training at its next step, in a pipeline that goes on to its gate', async () => {
    expect(asked).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('finish: net ends after its current step'),
    })
    expect(ended.exitCode, ended.output).toBe(0)
    expect(ended.output).toContain(`ended by hand after epoch ${before.epochs}`)
    expect(ended.output).toContain('gate: passed')
    expect(startedStages(ended)).toContain('evaluate@net')
  })

  it('leaves the best weights so far, bit for bit', async () => {
    const { weights, bestEpoch, epochs } = await loadModel(join(clone.root, 'artifacts/train/net/model'))
    expect({ bestEpoch, epochs }).toEqual({ bestEpoch: before.bestEpoch, epochs: before.epochs })
    expect(digestsOf(weights)).toEqual(digestsOf(before.weights))
    expect(weights.size).toBeGreaterThan(100)
    const { output } = await clone.run('predict', '--config', 'net', '--json', ...IMAGES)
    expect(answersOf(output).map(({ label }) => label)).toEqual(answersOf(bestSaid.output).map(({ label }) => label))
  })

  it('says so in the history and the results, and is recorded', async () => {
    const history = await readHistory(join(clone.root, 'artifacts/train/net/history.csv'))
    const reasons = history.map((row) => row.stopped_by)
    expect(reasons).toEqual([...new Array(before.epochs - 1).fill(''), 'finish'])
    const [record = '{}'] = (await clone.read('records/trainings.jsonl')).trim().split('\n').slice(-1)
    expect(JSON.parse(record)).toMatchObject({ configuration: 'net', epochs: before.epochs })
    expect(await clone.read('results/README.md')).toContain('ended by hand')
  })

  it('leaves a stage that is done: its outputs are locked and in the cache, and nothing is trained again', async () => {
    expect(await readdir(join(clone.root, '.paddock/checkpoints'))).toEqual([])
    const weights = await clone.read('artifacts/train/net/model/weights.bin')
    await clone.remove('artifacts/train/net')
    expect(await clone.plainDvc('checkout', 'train@net')).toMatchObject({ exitCode: 0 })
    expect(await clone.read('artifacts/train/net/model/weights.bin')).toBe(weights)
    const again = await clone.run('repro')
    expect(startedStages(again)).toEqual([])
    expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining('everything is up to date') })
  })

  it('refuses, in a line, a configuration that does not train and one that does not exist', async () => {
    const [over, nobody, last] = await Promise.all([
      clone.run('finish', '--config', 'net'),
      clone.run('finish', '--config', 'nobody'),
      predict('last'),
    ])
    expect(over).toEqual({
      exitCode: 1,
      output:
        'finish: DataError: Expected a running or interrupted training of net, received none with these parameters, images and code, on this kind of processor and with these threads. Start one: npm run train -- --config net.',
    })
    expect(nobody).toEqual({
      exitCode: 1,
      output:
        'finish: ConfigError: Expected --config NAME or -m ARCHITECTURE -t MODE of one of net (-m mobilenet -t zero), received --config nobody. Name one of these, or add an entry to models in params.yaml.',
    })
    expect(last).toEqual({
      exitCode: 1,
      output:
        'predict: DataError: Expected the checkpoint last of net, received none. The model of a finished training is in artifacts/train: leave out --checkpoint.',
    })
    expect(await readdir(join(clone.root, '.paddock/checkpoints'))).toEqual([])
  })
})

function predict(checkpoint: string): Promise<Outcome> {
  return clone.run('predict', '--config', 'net', '--checkpoint', checkpoint, '--json', ...IMAGES)
}

/** The folder of the training's checkpoints; '' before there is one. */
async function checkpoints(): Promise<string> {
  const all = join(clone.root, '.paddock/checkpoints')
  const [name] = await readdir(all).catch(() => [])
  return name === undefined ? '' : join(all, name)
}

/** Waits for a checkpoint that is not there yet. */
async function newCheckpoint(): Promise<string> {
  const newest = async () => (await listCheckpoints(await checkpoints()))[0]
  const over = running.then(() => true)
  const old = await newest()
  do {
    const file = await newest()
    if (file !== undefined && file !== old) return file
  } while (!(await Promise.race([over, setTimeout(20, false)])))
  throw new Error(`no checkpoint: ${(await running).output}`)
}

/** What the newest checkpoint has of the best epoch. */
async function readNewest(): Promise<typeof before> {
  const folder = await checkpoints()
  const [name = ''] = await listCheckpoints(folder)
  const bytes = await readFile(join(folder, name))
  const [, key = ''] = /([0-9a-f]{64}-[0-9a-f]{64})/.exec(bytes.toString('latin1', 0, 200)) ?? []
  const { state, best } = decodeCheckpoint(bytes, { key, name })
  const { history } = state
  return { epochs: history.length, bestEpoch: bestEpochOf(history, { early: null }), weights: best }
}

/** Of each array by its name: what differs is then said in a line, and not in a million numbers. */
function digestsOf(weights: typeof before.weights): Record<string, string> {
  return Object.fromEntries(
    [...weights].map(([name, values]) => [
      name,
      sha256(Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    ]),
  )
}
