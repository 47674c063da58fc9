import { COLORS, figure, INK, type Panel, panel, QUIET } from '../src/report/panels.ts'
import { type Language, type Lesson, padded, type Told } from './lesson.ts'
import { errorOf, type LineParams, learnLine, POINTS } from './line.ts'
import { caption, line } from './marks.ts'

type Optimizer = LineParams['optimizer']

const EPOCHS = 100
/** Learning rates of SGD. */
const THREE = { small: 0.001, right: 0.06, large: 0.07 } as const
/** Learning rates of both optimizers: one that suits SGD, and one above its limit. */
const COMPARED = [0.01, 0.1] as const

/**
 * The learning rate above which SGD diverges: 2 over the largest eigenvalue of the loss's curvature.
 *
 * The curvature in weight and bias is 2/5 of [[Σx², Σx], [Σx, 5]] = [[71, 15], [15, 5]], with eigenvalues
 * 38 ± √1314.
 */
export const LIMIT = 2 / (0.4 * (38 + Math.sqrt(1314)))

/** From 0.0001 to 10. */
const RATES = [...[-4, -3, -2, -1, 0].flatMap((power) => [1, 2, 3, 6].map((digit) => Number(`${digit}e${power}`))), 10]

const EN = {
  task: (before: string) =>
    `y = 2x + 1 from five points at once: mean squared error after ${EPOCHS} epochs, ${before} before`,
  comma: ', ',
  small: 'too small',
  right: 'right',
  large: 'too large',
  lesson: `SGD diverges above 2 / curvature = ${LIMIT.toFixed(4)}. Adam's step does not grow with the slope: slower here, but stable.`,
  title: 'The learning rate: too small, right, too large',
  subtitle: `mean squared error of a line through five points, ${EPOCHS} epochs, all points at once`,
  three: 'SGD at three rates',
  both: 'SGD and Adam',
  range: `after ${EPOCHS} epochs, by rate`,
  epoch: 'epoch',
  rate: 'learning rate',
  error: 'mean squared error',
  above: 'above: SGD diverges',
}

type Texts = typeof EN

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: EN,
  ja: {
    task: (before) =>
      `5点を一括で使い、y = 2x + 1 を学習します。${EPOCHS}エポック後の平均二乗誤差（学習前は ${before}）：`,
    comma: '、',
    small: '小さすぎ',
    right: '適切',
    large: '大きすぎ',
    lesson: `学習率が 2 ÷ 曲率 = ${LIMIT.toFixed(4)} を超えると、SGDは発散します。Adamの1歩は勾配が急でも大きくならないので、ここでは遅い代わりに安定しています。`,
    title: '学習率：小さすぎ、適切、大きすぎ',
    subtitle: `5点を通る直線の平均二乗誤差、${EPOCHS}エポック、全点一括`,
    three: '3つの学習率でのSGD',
    both: 'SGDとAdam',
    range: `${EPOCHS}エポック後の誤差（学習率ごと）`,
    epoch: 'エポック',
    rate: '学習率',
    error: '平均二乗誤差',
    above: 'これより上でSGDは発散',
  },
}

/** The losses before training and after each epoch. */
export interface Trial {
  readonly rate: number
  readonly losses: readonly number[]
}

/** The trials of every learning rate. */
export interface LearningRates {
  readonly three: Readonly<Record<keyof typeof THREE, Trial>>
  /** At both compared rates. */
  readonly compared: Readonly<Record<Optimizer, readonly Trial[]>>
  readonly range: Readonly<Record<Optimizer, readonly Trial[]>>
}

/** Learns the line of the regression lesson, all points at once, at learning rates from far too small to far too large. */
export function run(): Lesson<LearningRates> {
  const values = {
    three: { small: learn('sgd', THREE.small), right: learn('sgd', THREE.right), large: learn('sgd', THREE.large) },
    compared: { sgd: COMPARED.map((rate) => learn('sgd', rate)), adam: COMPARED.map((rate) => learn('adam', rate)) },
    range: { sgd: RATES.map((rate) => learn('sgd', rate)), adam: RATES.map((rate) => learn('adam', rate)) },
  }
  return { values, tell: (lang) => tell(values, lang) }
}

function tell(values: LearningRates, lang: Language): Told {
  const texts = TEXTS[lang]
  const { three, compared } = values
  const row = (name: string, { losses }: Trial) => `  ${padded(name, 22)}  ${inShort(lossOf(losses))}`
  return {
    lines: [
      texts.task(inShort(three.right.losses[0])),
      row(`SGD ${THREE.small}${texts.comma}${texts.small}`, three.small),
      row(`SGD ${THREE.right}${texts.comma}${texts.right}`, three.right),
      row(`SGD ${THREE.large}${texts.comma}${texts.large}`, three.large),
      ...COMPARED.flatMap((rate, i) =>
        (['sgd', 'adam'] as const).flatMap((name) =>
          compared[name].slice(i, i + 1).map((trial) => row(`${NAMES[name]} ${rate}`, trial)),
        ),
      ),
      texts.lesson,
    ],
    figure: figure(
      {
        title: texts.title,
        subtitle: texts.subtitle,
      },
      [threePanel(values, texts), comparedPanel(values, texts), rangePanel(values, texts)],
    ),
  }
}

const NAMES: Readonly<Record<Optimizer, string>> = { sgd: 'SGD', adam: 'Adam' }
const COLOR_OF: Readonly<Record<Optimizer, string>> = { sgd: COLORS.blue, adam: COLORS.orange }

function learn(optimizer: Optimizer, rate: number): Trial {
  const lines = learnLine({ optimizer, learningRate: rate, epochs: EPOCHS, batchSize: POINTS.length })
  return { rate, losses: lines.map(errorOf) }
}

const LOSS = { title: '', domain: [1e-5, 1e5], log: true, ticks: [1e-4, 1e-2, 1, 100, 1e4] } as const
const EPOCH = { domain: [0, EPOCHS], grid: false } as const
const SIZE = { width: 280, height: 280 } as const

function threePanel({ three: { small, right, large } }: LearningRates, texts: Texts): Panel {
  return panel({
    title: texts.three,
    x: { ...EPOCH, title: texts.epoch },
    y: { ...LOSS, title: texts.error },
    size: SIZE,
    layers: [
      ...[small, right, large].map((trial) => curve(trial, { color: COLORS.blue })),
      caption({ x: 45, y: 1e4, text: `${large.rate}: ${texts.large}` }, { dy: -10 }),
      caption({ x: 60, y: 10, text: `${small.rate}: ${texts.small}` }, { dy: 2 }),
      caption({ x: 58, y: 0.012, text: `${right.rate}: ${texts.right}` }, { dy: 8 }),
    ],
  })
}

function comparedPanel({ compared: { sgd, adam } }: LearningRates, texts: Texts): Panel {
  const both = (trials: readonly Trial[], color: string) =>
    trials.map((trial, i) => curve(trial, { color, dashed: i === 1 }))
  return panel({
    title: texts.both,
    x: { ...EPOCH, title: texts.epoch },
    y: LOSS,
    size: SIZE,
    layers: [
      ...both(sgd, COLOR_OF.sgd),
      ...both(adam, COLOR_OF.adam),
      caption({ x: 10, y: 3e4, text: 'SGD 0.1' }, { color: COLOR_OF.sgd }),
      caption({ x: 58, y: 150, text: 'Adam 0.01' }, { color: COLOR_OF.adam }),
      caption({ x: 58, y: 2, text: 'Adam 0.1' }, { color: COLOR_OF.adam }),
      caption({ x: 58, y: 0.01, text: 'SGD 0.01' }, { color: COLOR_OF.sgd }),
    ],
  })
}

function rangePanel({ range: { sgd, adam } }: LearningRates, texts: Texts): Panel {
  const ends = (trials: readonly Trial[]) =>
    drawable(trials.map(({ rate, losses }) => ({ x: rate, y: lossOf(losses) })))
  const limit = [1e-5, 1e5].map((y) => ({ x: LIMIT, y }))
  return panel({
    title: texts.range,
    x: { title: texts.rate, domain: [1e-4, 10], log: true, grid: false, ticks: [1e-4, 1e-3, 0.01, 0.1, 1, 10] },
    y: LOSS,
    size: SIZE,
    layers: [
      line(limit, { color: QUIET, dashed: true, width: 1 }),
      line(ends(sgd), { color: COLOR_OF.sgd }),
      line(ends(adam), { color: COLOR_OF.adam }),
      caption({ x: LIMIT, y: 3e4, text: texts.above }, { color: INK, dx: 12 }),
      caption({ x: 2e-4, y: 0.5, text: 'SGD' }, { color: COLOR_OF.sgd }),
      caption({ x: 4e-3, y: 200, text: 'Adam' }, { color: COLOR_OF.adam }),
    ],
  })
}

function curve({ losses }: Trial, look: Parameters<typeof line>[1]) {
  return line(drawable(losses.map((y, x) => ({ x, y }))), look)
}

/** Only what a logarithmic axis can draw: positive, finite, not far outside the panel. */
function drawable<T extends { readonly y: number }>(places: readonly T[]): T[] {
  return places.filter(({ y }) => y > 0 && y < 1e30)
}

/** The loss after the last epoch. */
export function lossOf(losses: readonly number[]): number {
  return losses.at(-1) ?? Number.NaN
}

function inShort(loss = Number.NaN): string {
  return loss >= 1e4 || loss < 1e-3 ? loss.toExponential(1) : loss.toPrecision(3)
}
