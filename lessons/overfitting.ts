import { type Rng, seededRng, uniform } from '../src/core/random.ts'
import { COLORS, figure, type Panel, panel, QUIET } from '../src/report/panels.ts'
import type { Example } from './classifier.ts'
import { exampleLayers, fieldLayers } from './field.ts'
import { type Learned, type LearnParams, learnClasses, type Score } from './learn-classes.ts'
import { type Language, type Lesson, padded, type Told } from './lesson.ts'
import { caption, line } from './marks.ts'

/** A disc in the middle of a square is class 1; a share of the labels is flipped. */
const HALF_SIDE = 2
const RADIUS = 1.5
const FLIPPED = 0.15

const TRUE_BOUNDARY = Array.from({ length: 73 }, (_, i) => {
  const angle = (i * 2 * Math.PI) / 72
  return { x: RADIUS * Math.cos(angle), y: RADIUS * Math.sin(angle) }
})

const TRAINING = {
  hidden: [64, 64],
  epochs: 200,
  batchSize: 20,
  learningRate: 0.01,
  dropout: 0,
  l2: 0,
  patience: null,
  square: { cells: 44, domain: [-HALF_SIDE, HALF_SIDE] },
} as const

/** The parameters that each remedy changes. */
const REMEDIES = {
  plain: {},
  dropout: { dropout: 0.2 },
  l2: { l2: 0.001 },
  stopped: { patience: 20 },
} as const satisfies Readonly<Record<string, Partial<LearnParams>>>

export type Remedy = keyof typeof REMEDIES

const EN = {
  plain: 'no remedy',
  dropout: 'dropout 0.2',
  l2: 'L2 0.001',
  stopped: 'early stopping',
  task: '100 training and 400 validation points, 15 % of the labels wrong; 64 + 64 units, Adam 0.01, 200 epochs',
  lesson: 'Without a remedy: the lowest training loss and the highest validation loss. It memorized the wrong labels.',
  title: 'Overfitting and three remedies',
  subtitle: 'dashed: the true boundary; black: the boundary learned from points of which 15 % are mislabelled',
  epoch: 'epoch',
  afterEpoch: (epoch: number) => `after epoch ${epoch}`,
  loss: 'loss (nats)',
  training: 'training',
  validation: 'validation',
}

type Texts = typeof EN

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: EN,
  ja: {
    plain: '対策なし',
    dropout: 'ドロップアウト 0.2',
    l2: 'L2正則化 0.001',
    stopped: '早期終了',
    task: '訓練100点、検証400点、ラベルの15 %は誤り。64 + 64ユニット、Adam 0.01、200エポック',
    lesson:
      '対策なしでは、訓練損失が最も小さいのに、検証損失は最も大きくなります。誤ったラベルまで覚えてしまったからです。',
    title: '過学習と3つの対策',
    subtitle: '破線：本当の境界、黒線：15 %のラベルが誤っている点から学習した境界',
    epoch: 'エポック',
    afterEpoch: (epoch) => `${epoch}エポック後`,
    loss: '損失（ナット）',
    training: '訓練',
    validation: '検証',
  },
}

/** The line of a remedy: the epoch whose weights were kept, and its scores. */
const DESCRIBE: Readonly<Record<Language, (kept: Learned['kept']) => string>> = {
  en: ({ epoch, training, validation }) =>
    `epoch ${number(epoch)}   loss ${training.loss.toFixed(3)} training, ${validation.loss.toFixed(3)} validation   validation accuracy ${percent(validation)} %`,
  ja: ({ epoch, training, validation }) =>
    `エポック ${number(epoch)}   損失 訓練 ${training.loss.toFixed(3)}、検証 ${validation.loss.toFixed(3)}   検証の正解率 ${percent(validation)} %`,
}

const number = (epoch: number): string => String(epoch).padStart(3)
const percent = ({ accuracy }: Score): string => (accuracy * 100).toFixed(1)

/**
 * Learns 100 points, 15 % of them with the wrong label, with a network large enough to memorize them: once without a remedy
 * and once with each. The 400 validation points come from the same distribution.
 */
export function run(seed = 1): Lesson<Readonly<Record<Remedy, Learned>>> {
  const training = drawExamples(100, seededRng(seed, 'overfitting', 'training'))
  const validation = drawExamples(400, seededRng(seed, 'overfitting', 'validation'))
  const learn = (remedy: Remedy) => learnClasses({ ...TRAINING, ...REMEDIES[remedy], seed, training, validation })
  const values = { plain: learn('plain'), dropout: learn('dropout'), l2: learn('l2'), stopped: learn('stopped') }
  return { values, tell: (lang) => tell(values, training, lang) }
}

function tell(values: Readonly<Record<Remedy, Learned>>, training: readonly Example[], lang: Language): Told {
  const remedies = Object.keys(REMEDIES) as Remedy[]
  const texts = TEXTS[lang]
  return {
    lines: [
      texts.task,
      ...remedies.map((remedy) => `  ${padded(texts[remedy], COLUMNS[lang])}  ${DESCRIBE[lang](values[remedy].kept)}`),
      texts.lesson,
    ],
    figure: figure(
      {
        title: texts.title,
        subtitle: texts.subtitle,
      },
      [
        ...remedies.map((remedy) => squarePanel(remedy, values[remedy], training, texts)),
        ...remedies.map((remedy) => lossPanel(remedy, values[remedy], texts)),
      ],
      remedies.length,
    ),
  }
}

/** Random points in the square, labelled by whether they are in the disc; some labels are flipped. */
export function drawExamples(count: number, rng: Rng): Example[] {
  return Array.from({ length: count }, () => {
    const [x, y] = [uniform(rng, -HALF_SIDE, HALF_SIDE), uniform(rng, -HALF_SIDE, HALF_SIDE)]
    const inside = Math.hypot(x, y) < RADIUS
    return { x, y, label: rng() < FLIPPED === inside ? 0 : 1 }
  })
}

const SIDE = 220
/** What the longest name of a remedy takes in a terminal. */
const COLUMNS: Readonly<Record<Language, number>> = { en: 14, ja: 18 }

function squarePanel(remedy: Remedy, { field, kept }: Learned, training: readonly Example[], texts: Texts): Panel {
  const axis = { title: '', domain: field.domain, ticks: [], grid: false }
  return panel({
    title: texts[remedy],
    subtitle: texts.afterEpoch(kept.epoch),
    x: axis,
    y: axis,
    size: { width: SIDE, height: SIDE },
    framed: true,
    layers: [
      ...fieldLayers(field),
      line(TRUE_BOUNDARY, { color: QUIET, dashed: true, width: 1.5 }),
      ...exampleLayers(training, 36),
    ],
  })
}

function lossPanel(remedy: Remedy, { history, kept }: Learned, texts: Texts): Panel {
  const { epochs } = TRAINING
  const curve = (part: 'training' | 'validation') =>
    history.map((scores) => ({ x: scores.epoch, y: scores[part].loss }))
  const { epoch, training, validation } = kept
  const stop =
    remedy === 'stopped'
      ? [
          line(
            [0, 1].map((y) => ({ x: epoch, y })),
            { color: QUIET, dashed: true },
          ),
        ]
      : []
  const lossOf = (x: number, name: string, { loss }: Score, color: string) =>
    caption({ x, y: 1.07, text: `${name} ${loss.toFixed(2)}` }, { color })
  return panel({
    title: '',
    x: { title: texts.epoch, domain: [0, epochs], ticks: [0, 50, 100, 150, 200], grid: false },
    y: { title: remedy === 'plain' ? texts.loss : '', domain: [0, 1.15], ticks: [0, 0.25, 0.5, 0.75, 1] },
    size: { width: SIDE, height: 150 },
    layers: [
      ...stop,
      line(curve('training'), { color: COLORS.blue }),
      line(curve('validation'), { color: COLORS.orange }),
      lossOf(0, texts.training, training, COLORS.blue),
      lossOf(epochs / 2, texts.validation, validation, COLORS.orange),
    ],
  })
}
