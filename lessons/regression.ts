import { COLORS, figure, INK, type Panel, panel, QUIET } from '../src/report/panels.ts'
import { type Language, type Lesson, padded, type Told } from './lesson.ts'
import { type Line, learnLine, POINTS, TRUTH } from './line.ts'
import { caption, dots, line } from './marks.ts'

/** The study's settings; it found weight 2.0127 and bias 0.9414. */
const STUDY = { optimizer: 'sgd', learningRate: 0.01, epochs: 50 } as const
const ASKED = 10

const EN = {
  task: 'y = 2x + 1 from x = 0, 1, 3, 5, 6: SGD 0.01, mean squared error, 50 epochs, from w = b = 0',
  oneByOne: 'one by one, 250 steps',
  allAtOnce: 'all at once, 50 steps',
  study: 'the study',
  lesson: 'One by one, w is right after two epochs; b is slow and needs more steps.',
  at: `at x = ${ASKED}`,
  title: 'A straight line, learned from five points',
  subtitle: 'y = wx + b by SGD 0.01, mean squared error, 50 epochs, points one by one',
  line: 'the line',
  sixth: 'and its prediction for a sixth point',
  before: 'before: y = 0',
  points: 'the five points',
  predicted: `predicted at ${ASKED}`,
  weights: 'w and b, epoch by epoch',
  dashed: 'dashed: all points at once',
  epoch: 'epoch',
}

type Texts = Readonly<Record<keyof typeof EN, string>>

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: EN,
  ja: {
    task: 'x = 0, 1, 3, 5, 6 の5点から y = 2x + 1 を学習します（SGD 0.01、平均二乗誤差、50エポック、w = b = 0 から開始）',
    oneByOne: '1点ずつ、250ステップ',
    allAtOnce: '全点一括、50ステップ',
    study: '元の勉強会の結果',
    lesson: '1点ずつなら、wは2エポックでほぼ正しい値になります。bはなかなか進まず、さらにステップが必要です。',
    at: `x = ${ASKED} での予測`,
    title: '5つの点から直線を学習する',
    subtitle: 'y = wx + b、SGD 0.01、平均二乗誤差、50エポック、1点ずつ',
    line: '学習した直線',
    sixth: '6つ目の点での予測',
    before: '学習前：y = 0',
    points: '5つの点',
    predicted: `x = ${ASKED} での予測`,
    weights: 'エポックごとの w と b',
    dashed: '破線：全点一括',
    epoch: 'エポック',
  },
}

/** The line before training and after each epoch, for both batch sizes. */
export interface Regression {
  readonly oneByOne: readonly Line[]
  readonly allAtOnce: readonly Line[]
}

/**
 * Learns y = 2x + 1 from x = 0, 1, 3, 5, 6 by gradient descent on the mean squared error, from weight 0 and bias 0.
 *
 * One by one, the five points make 250 steps in 50 epochs, and the line ends where the study's did. All at once makes 50
 * steps of the same size, too few for the bias: along weight − 2 = −0.22 (bias − 1) the loss is nearly flat and a step
 * removes only 0.7 % of the error. The study's line lies on this flat direction.
 */
export function run(): Lesson<Regression> {
  const values = {
    oneByOne: learnLine({ ...STUDY, batchSize: 1 }),
    allAtOnce: learnLine({ ...STUDY, batchSize: POINTS.length }),
  }
  return { values, tell: (lang) => tell(values, lang) }
}

function tell(values: Regression, lang: Language): Told {
  const texts = TEXTS[lang]
  return {
    lines: [
      texts.task,
      describe(texts.oneByOne, last(values.oneByOne), texts),
      describe(texts.allAtOnce, last(values.allAtOnce), texts),
      describe(texts.study, { weight: 2.0127, bias: 0.9414 }, texts),
      texts.lesson,
    ],
    figure: figure(
      {
        title: texts.title,
        subtitle: texts.subtitle,
      },
      [linePanel(values, texts), weightsPanel(values, texts)],
    ),
  }
}

/** y at `x`. */
export function predict({ weight, bias }: Line, x: number): number {
  return weight * x + bias
}

function describe(name: string, found: Line, { at: atText }: Texts): string {
  const at = predict(found, ASKED).toFixed(2)
  return `  ${padded(name, 22)}  w ${found.weight.toFixed(4)}   b ${found.bias.toFixed(4)}   ${atText}: ${at}`
}

function linePanel({ oneByOne }: Regression, texts: Texts): Panel {
  const ends = (found: Line) => [-1, 11].map((x) => ({ x, y: predict(found, x) }))
  const found = last(oneByOne)
  const asked = { x: ASKED, y: predict(found, ASKED) }
  return panel({
    title: texts.line,
    subtitle: texts.sixth,
    x: { title: 'x', domain: [-0.5, 11] },
    y: { title: 'y', domain: [-1, 24] },
    size: { width: 360, height: 300 },
    layers: [
      line(ends(oneByOne[0] ?? found), { color: QUIET, dashed: true }),
      caption({ x: 7.2, y: 0, text: texts.before }, { color: QUIET, dy: -9 }),
      line(ends(found), { color: COLORS.blue }),
      dots(POINTS, { color: INK }),
      caption({ x: 3, y: 7, text: texts.points }, { dx: 10, dy: 8 }),
      dots([asked], { color: COLORS.orange, hollow: true, size: 90 }),
      caption(
        { ...asked, text: `${texts.predicted}: ${asked.y.toFixed(2)}` },
        { color: COLORS.orange, align: 'right', dx: -10, dy: -8 },
      ),
    ],
  })
}

function weightsPanel({ oneByOne, allAtOnce }: Regression, texts: Texts): Panel {
  const { epochs } = STUDY
  const places = (lines: readonly Line[], key: keyof Line) => lines.map((found, x) => ({ x, y: found[key] }))
  const level = (y: number) =>
    line(
      [0, epochs].map((x) => ({ x, y })),
      { color: QUIET, width: 1 },
    )
  const found = last(oneByOne)
  const slow = last(allAtOnce)
  const beside = (y: number, text: string, color: string) => caption({ x: epochs, y, text }, { color, dx: 6 })
  return panel({
    title: texts.weights,
    subtitle: texts.dashed,
    x: { title: texts.epoch, domain: [0, 62], ticks: [0, 10, 20, 30, 40, 50], grid: false },
    y: { title: '', domain: [0, 2.5], ticks: [0, 0.5, 1, 1.5, 2, 2.5] },
    size: { width: 360, height: 300 },
    layers: [
      level(TRUTH.weight),
      level(TRUTH.bias),
      line(places(allAtOnce, 'weight'), { color: COLORS.blue, dashed: true }),
      line(places(allAtOnce, 'bias'), { color: COLORS.green, dashed: true }),
      line(places(oneByOne, 'weight'), { color: COLORS.blue }),
      line(places(oneByOne, 'bias'), { color: COLORS.green }),
      beside(found.weight, `w ${found.weight.toFixed(2)}`, COLORS.blue),
      beside(found.bias, `b ${found.bias.toFixed(2)}`, COLORS.green),
      beside(slow.bias, `b ${slow.bias.toFixed(2)}`, COLORS.green),
    ],
  })
}

function last(lines: readonly Line[]): Line {
  return lines.at(-1) ?? { weight: Number.NaN, bias: Number.NaN }
}
