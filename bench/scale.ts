/**
 * What many small images cost: each stage by itself, without DVC, with one epoch of MobileNet 0.25; and the functions that
 * hold something of every image.
 *
 * usage   pipeline/node bench/scale.ts stages IMAGES DIR     # DIR is created; drawn images of 64 px in ten classes
 *         pipeline/node bench/scale.ts functions IMAGES
 * prints  a table
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { markdownTable } from 'markdown-table'
import pMap from 'p-map'
import sharp from 'sharp'
import { parse, stringify } from 'yaml'
import { planRows } from '../src/augment/augment.ts'
import { paths } from '../src/core/paths.ts'
import { integer, seededRng } from '../src/core/random.ts'
import { writeTestSet } from '../src/core/test-set.ts'
import type { ManifestRow } from '../src/dataset/manifest.ts'
import { measure } from '../src/evaluate/measure.ts'
import { findPairs } from '../src/fetch/duplicates.ts'
import { fingerprintOf, thumbnailOf } from '../src/fetch/fingerprint.ts'
import { hashFolder } from '../src/fetch/folder-hash.ts'
import { openThumbnails } from '../src/fetch/thumbnails.ts'
import type { Frame } from '../src/images/resize.ts'
import { groupsOf } from '../src/split/groups.ts'
import { splitByContent } from '../src/split/split.ts'
import { epochRows } from '../src/train/sampling.ts'
import { findTestSet } from '../src/workspace/accept-test-set.ts'

const SIDE = 64
const CLASSES = Array.from({ length: 10 }, (_, place) => `class-${place}`)
const TEST_IMAGES = 100
const CONFIG = 'mobilenet025-zero'
const STAGES = ['fetch', 'split', 'augment', 'train', 'evaluate', 'report', 'gate']
/** Makes a process print its processor time (microseconds) and peak memory (KiB) when it exits. */
const METER = `data:text/javascript,process.on('exit',()=>{const{userCPUTime:u,systemCPUTime:s,maxRSS:m}=process.resourceUsage();console.error('took '+JSON.stringify([u+s,m]))})`

const [mode, count = '', folder = ''] = process.argv.slice(2)
const rows = mode === 'stages' ? await runStages(Number(count), folder) : await runFunctions(Number(count))
console.log(
  markdownTable(
    rows.map((row) => row.map(String)),
    { align: ['l', 'r', 'r', 'r'] },
  ),
)

/** Rectangles on a plain background, every third in the colour of the class. */
function draw(number: number, label: number): Frame {
  const rng = seededRng(number, label, 'scale')
  const pixels = new Uint8Array(SIDE * SIDE * 3)
  const paint = (left: number, top: number, right: number, bottom: number, colour: readonly number[]) => {
    for (let y = top; y < bottom; y++) {
      for (let at = (y * SIDE + left) * 3; at < (y * SIDE + right) * 3; at += 3) pixels.set(colour, at)
    }
  }
  const colour = () => [integer(rng, 0, 255), integer(rng, 0, 255), integer(rng, 0, 255)]
  paint(0, 0, SIDE, SIDE, colour())
  for (let shape = 0; shape < 14; shape++) {
    const [left, top] = [integer(rng, 0, SIDE - 8), integer(rng, 0, SIDE - 8)]
    const [right, bottom] = [integer(rng, left + 4, SIDE), integer(rng, top + 4, SIDE)]
    paint(left, top, right, bottom, shape % 3 === 0 ? [25 * label, 255 - 25 * label, 128] : colour())
  }
  return { pixels, width: SIDE, height: SIDE }
}

async function runStages(images: number, root: string) {
  const at = (path: string) => join(root, path)
  const jobs = [
    ...Array.from({ length: images }, (_, number) => ({ set: 'train', number })),
    ...Array.from({ length: TEST_IMAGES }, (_, number) => ({ set: 'test', number: images + number })),
  ]
  for (const set of ['train', 'test']) {
    for (const label of CLASSES) await mkdir(at(`data/${set}/${label}`), { recursive: true })
  }
  await pMap(
    jobs,
    async ({ set, number }) => {
      const label = number % CLASSES.length
      const { pixels } = draw(number, label)
      const file = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).jpeg({ quality: 90 })
      await file.toFile(at(`data/${set}/${CLASSES[label]}/${String(number).padStart(6, '0')}.jpg`))
    },
    { concurrency: 4 },
  )
  const params = parse(await readFile('profiles/folder.yaml', 'utf8'))
  params.image.size = SIDE
  params.augment.copies = 0
  params.train.epochs = 1
  params.gate = { ...params.gate, validation: 0, test: 0 }
  params.models = { [CONFIG]: { architecture: 'mobilenet', mode: 'zero', width: 0.25 } }
  await writeFile(at(paths.params), stringify(params))
  await writeFile(at(paths.exclude), 'id,reason\n')
  await mkdir(at('records'), { recursive: true })
  for (const path of [paths.trainings, paths.testEvaluations]) await writeFile(at(path), '')
  await writeTestSet(await findTestSet(at(paths.data), []), at(paths.testSet))
  const { md5 } = await hashFolder(at(paths.data))
  const table: (string | number)[][] = [['stage', 'processor s', 'ms an image', 'peak MiB']]
  for (const stage of STAGES) {
    const argument = stage === 'fetch' ? [md5] : ['train', 'evaluate'].includes(stage) ? [CONFIG] : []
    const { stdout, stderr } = await execa(
      process.execPath,
      ['--import', METER, resolve(`pipeline/${stage}.ts`), ...argument],
      { cwd: root, env: { PADDOCK_CHECKPOINTS: at('checkpoints') } },
    )
    console.error(stdout)
    const [microseconds = 0, kilobytes = 0] = JSON.parse(/took (.*)/.exec(stderr)?.[1] ?? '[]') as number[]
    table.push([
      stage,
      (microseconds / 1e6).toFixed(1),
      (microseconds / 1e3 / images).toFixed(2),
      Math.round(kilobytes / 1024),
    ])
  }
  return table
}

async function runFunctions(images: number) {
  const table: (string | number)[][] = [['function', 'processor s', 'ms an image', 'peak MiB so far']]
  const timed = <T>(name: string, work: () => T): T => {
    const before = process.cpuUsage()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    const { maxRSS } = process.resourceUsage()
    table.push([
      name,
      ((user + system) / 1e6).toFixed(1),
      ((user + system) / 1e3 / images).toFixed(3),
      Math.round(maxRSS / 1024),
    ])
    console.error(table.at(-1)?.join(' '))
    return result
  }
  const manifest = Array.from({ length: images }, (_, number): ManifestRow => {
    const label = CLASSES[number % CLASSES.length] ?? ''
    const id = `train/${label}/${String(number).padStart(6, '0')}.jpg`
    const sha256 = number.toString(16).padStart(64, '0')
    return { id, label, set: 'train', source: 'unknown', sha256, width: SIDE, height: SIDE }
  })
  using thumbnails = openThumbnails('.')
  const fingerprints = timed('drawing, thumbnails and fingerprints', () => {
    return new Map(
      manifest.map(({ sha256 }, number) => {
        const thumbnail = thumbnailOf(draw(number, number % CLASSES.length))
        thumbnails.add(sha256, thumbnail)
        return [sha256, fingerprintOf(thumbnail)]
      }),
    )
  })
  const pairs = timed('findPairs', () => findPairs(manifest, { fingerprints, thumbnails }))
  console.error(`${pairs.length} pairs`)
  const groups = timed('groupsOf', () => groupsOf(manifest, pairs))
  const chain = manifest.slice(1).map(({ id }, place) => ({ ...pairTo(manifest[place]?.id ?? '', id) }))
  timed('groupsOf, all in one group', () => groupsOf(manifest, chain))
  const split = timed('splitByContent', () =>
    splitByContent(manifest, { train: 0.8, validation: 0.1, holdout: 0.1 }, 1, { groups }),
  )
  const plan = timed('planRows, one variant more', () => planRows(split, 1))
  const labels = Int32Array.from(manifest, (_, number) => number % CLASSES.length)
  timed('epochRows', () =>
    epochRows({ count: images, variants: 2, labels }, { epoch: 1, sampling: 'shuffled', rng: seededRng(1) }),
  )
  timed(`measure, all in one part (${plan.length} rows planned)`, () =>
    measure(
      manifest.map(({ id, label }, number) => ({ id, label, part: 'validation', probabilities: guess(number) })),
      { classes: CLASSES, seed: 1, bootstrapSamples: 200 },
    ),
  )
  return table
}

function pairTo(id: string, other: string) {
  return { id, other, kind: 'near', distance: 0.1, certainty: 'likely' } as const
}

/** Probabilities that are right more often than not. */
function guess(number: number): number[] {
  const rng = seededRng(number, 'guess')
  const scores = CLASSES.map((_, place) => Math.exp(3 * rng() + (place === number % CLASSES.length ? 1 : 0)))
  const sum = scores.reduce((total, score) => total + score, 0)
  return scores.map((score) => score / sum)
}
