import { COLORS, figure, type Panel, panel } from '../src/report/panels.ts'
import type { Example } from './classifier.ts'
import { exampleLayers, fieldLayers } from './field.ts'
import { type Learned, learnClasses } from './learn-classes.ts'
import type { Lesson } from './lesson.ts'
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
  return {
    values,
    lines: [
      'exclusive or: (0, 1) and (1, 0) against (0, 0) and (1, 1), Adam 0.05, 100 epochs',
      describe('no hidden layer', values.line),
      describe('one hidden layer of 8', values.hidden),
      'A line classifies at most three of the four correctly; its minimum loss is ln 2 = 0.693, every probability 0.5.',
    ],
    figure: figure(
      {
        title: 'Exclusive or: four points that no straight line separates',
        subtitle: 'shades and numbers: probability of orange; black: where it is 0.5',
      },
      [
        squarePanel('no hidden layer', 'a line: undecided', values.line),
        squarePanel('one hidden layer of 8', 'all four correct', values.hidden),
        lossPanel(values),
      ],
    ),
  }
}

function describe(name: string, learned: Learned): string {
  const shown = XOR.map(({ x, y }, i) => `(${x}, ${y}) ${learned.probabilities[i]?.toFixed(2)}`).join('  ')
  const { loss } = learned.kept.training
  return `  ${name.padEnd(22)}  loss ${loss.toFixed(3)}   ${shown}`
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

function lossPanel({ line: straight, hidden }: Xor): Panel {
  const { epochs } = TRAINING
  const curve = ({ history }: Learned, color: string) =>
    line(
      history.map(({ epoch, training }) => ({ x: epoch, y: training.loss })),
      { color },
    )
  return panel({
    title: 'the loss',
    subtitle: 'cross-entropy, nats',
    x: { title: 'epoch', domain: [0, epochs], grid: false },
    y: { title: '', domain: [0, 0.9] },
    size: { width: 260, height: 260 },
    layers: [
      curve(straight, COLORS.orange),
      curve(hidden, COLORS.blue),
      caption(
        { x: epochs, y: Math.LN2, text: 'a line: at best ln 2' },
        { color: COLORS.orange, align: 'right', dy: -10 },
      ),
      caption({ x: epochs, y: 0, text: 'one hidden layer' }, { color: COLORS.blue, align: 'right', dy: -12 }),
    ],
  })
}
