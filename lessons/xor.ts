import { COLORS, figure, type Panel, panel } from '../src/report/panels.ts'
import type { Example } from './classifier.ts'
import { exampleLayers, fieldLayers } from './field.ts'
import { type Learned, learnClasses } from './learn-classes.ts'
import { type Language, type Lesson, padded, type Told } from './lesson.ts'
import { caption, line } from './marks.ts'

/** Class 1 where exactly one coordinate is 1. */
export const XOR: readonly Example[] = [
  { x: 0, y: 0, label: 0 },
  { x: 1, y: 1, label: 0 },
  { x: 0, y: 1, label: 1 },
  { x: 1, y: 0, label: 1 },
]

const TRAINING = {
  training: XOR,
  validation: [],
  epochs: 100,
  batchSize: XOR.length,
  learningRate: 0.05,
  dropout: 0,
  l2: 0,
  patience: null,
  square: { cells: 65, domain: [-0.5, 1.5] },
} as const

const EN = {
  task: 'exclusive or: (0, 1) and (1, 0) against (0, 0) and (1, 1), Adam 0.05, 100 epochs',
  none: 'no hidden layer',
  one: 'one hidden layer of 8',
  oneHidden: 'one hidden layer',
  loss: 'loss',
  lesson:
    'A line classifies at most three of the four correctly; its minimum loss is ln 2 = 0.693, every probability 0.5.',
  title: 'Exclusive or: four points that no straight line separates',
  subtitle: 'shades and numbers: probability of orange; black: where it is 0.5',
  undecided: 'a line: undecided',
  correct: 'all four correct',
  theLoss: 'the loss',
  unit: 'cross-entropy, nats',
  epoch: 'epoch',
  best: 'a line: at best ln 2',
}

type Texts = Readonly<Record<keyof typeof EN, string>>

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: EN,
  ja: {
    task: '排他的論理和（XOR）：(0, 1) と (1, 0) を、(0, 0) と (1, 1) から分けます（Adam 0.05、100エポック）',
    none: '隠れ層なし',
    one: '隠れ層1つ（8ユニット）',
    oneHidden: '隠れ層1つ',
    loss: '損失',
    lesson:
      '直線で正しく分けられるのは、4点のうち最大3点です。損失は ln 2 = 0.693 より小さくならず、そのとき確率はすべて 0.5 です。',
    title: '排他的論理和（XOR）：1本の直線では分けられない4つの点',
    subtitle: '色と数字：オレンジである確率、黒線：確率が0.5になる境界',
    undecided: '直線：どちらとも言えない',
    correct: '4点とも正解',
    theLoss: '損失',
    unit: '交差エントロピー（ナット）',
    epoch: 'エポック',
    best: '直線：最良でも ln 2',
  },
}

/** Both networks, trained. */
export interface Xor {
  readonly line: Learned
  readonly hidden: Learned
}

/**
 * Learns exclusive or without a hidden layer, and with one of eight units.
 *
 * No line separates (0, 1) and (1, 0) from (0, 0) and (1, 1): both pairs have the same midpoint, which would have to lie on
 * both sides. So a line classifies at most three points correctly, and its minimum loss is ln 2, with every probability 0.5.
 */
export function run(seed = 1): Lesson<Xor> {
  const values = {
    line: learnClasses({ ...TRAINING, seed, hidden: [] }),
    hidden: learnClasses({ ...TRAINING, seed, hidden: [8] }),
  }
  return { values, tell: (lang) => tell(values, lang) }
}

function tell(values: Xor, lang: Language): Told {
  const texts = TEXTS[lang]
  return {
    lines: [
      texts.task,
      describe(texts.none, values.line, texts),
      describe(texts.one, values.hidden, texts),
      texts.lesson,
    ],
    figure: figure(
      {
        title: texts.title,
        subtitle: texts.subtitle,
      },
      [
        squarePanel(texts.none, texts.undecided, values.line),
        squarePanel(texts.one, texts.correct, values.hidden),
        lossPanel(values, texts),
      ],
    ),
  }
}

function describe(name: string, learned: Learned, { loss: lossText }: Texts): string {
  const shown = XOR.map(({ x, y }, i) => `(${x}, ${y}) ${learned.probabilities[i]?.toFixed(2)}`).join('  ')
  const { loss } = learned.kept.training
  return `  ${padded(name, 22)}  ${lossText} ${loss.toFixed(3)}   ${shown}`
}

function squarePanel(title: string, subtitle: string, learned: Learned): Panel {
  const { domain } = TRAINING.square
  return panel({
    title,
    subtitle,
    x: { title: 'x', domain, ticks: [0, 1], grid: false },
    y: { title: 'y', domain, ticks: [0, 1], grid: false },
    size: { width: 260, height: 260 },
    framed: true,
    layers: [
      ...fieldLayers(learned.field),
      ...exampleLayers(XOR, 150),
      ...XOR.map((place, i) =>
        caption({ ...place, text: learned.probabilities[i]?.toFixed(2) ?? '' }, { align: 'center', dy: 19 }),
      ),
    ],
  })
}

function lossPanel({ line: straight, hidden }: Xor, texts: Texts): Panel {
  const { epochs } = TRAINING
  const curve = ({ history }: Learned, color: string) =>
    line(
      history.map(({ epoch, training }) => ({ x: epoch, y: training.loss })),
      { color },
    )
  return panel({
    title: texts.theLoss,
    subtitle: texts.unit,
    x: { title: texts.epoch, domain: [0, epochs], grid: false },
    y: { title: '', domain: [0, 0.9] },
    size: { width: 260, height: 260 },
    layers: [
      curve(straight, COLORS.orange),
      curve(hidden, COLORS.blue),
      caption({ x: epochs, y: Math.LN2, text: texts.best }, { color: COLORS.orange, align: 'right', dy: -10 }),
      caption({ x: epochs, y: 0, text: texts.oneHidden }, { color: COLORS.blue, align: 'right', dy: -12 }),
    ],
  })
}
