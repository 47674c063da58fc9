import type { TrainingRecord } from '../../records/trainings.ts'
import { MISSING, pluralize } from '../../scores/format.ts'
import { paragraph, type Section, section, table } from '../document.ts'
import { type Evaluated, type ReportInputs, ranked } from '../inputs.ts'

type Inputs = Pick<ReportInputs, 'evaluations' | 'trainings'>

export function durationsSection({ evaluations, trainings }: Inputs): Section {
  const rows = ranked(evaluations).map(([name, evaluated]) => {
    const record = recordOf(evaluated, trainings)
    if (!record) return [name, 'not recorded', MISSING, MISSING, MISSING]
    const { seconds, epochs, inputStallSeconds } = record
    return [name, ...[seconds, seconds / epochs, inputStallSeconds].map(duration), machine(record)]
  })
  const header = ['Configuration', 'Training', 'Per epoch', 'Waiting for images', 'Machine']
  return section({ id: 'durations', title: 'Training durations', short: 'Durations', pageOnly: true }, [
    table('Training durations', header, rows, { words: [0, 4] }),
    paragraph(
      'Each is of the first training that made this model: one that makes the same bytes again is not recorded.',
    ),
  ])
}

export function unrecorded({ evaluations, trainings }: Inputs): string[] {
  return Object.keys(evaluations).filter((name) => !recordOf(evaluations[name], trainings))
}

function recordOf(evaluated: Evaluated | undefined, trainings: Inputs['trainings']): TrainingRecord | undefined {
  return trainings[evaluated?.identity.model.digest ?? '']
}

/** `CPU (AMD EPYC), 2 threads; TensorFlow 2.21.0, TensorFlow.js 4.22.0, Node 24.1.0` */
function machine({ device, processor, threads, versions: { tensorflow, tfjs, node } }: TrainingRecord): string {
  const name = device.kind === 'GPU' ? (device.name ?? processor) : processor
  return `${device.kind} (${name}), ${pluralize(threads, 'thread')}; TensorFlow ${tensorflow}, TensorFlow.js ${tfjs}, Node ${node}`
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
function duration(seconds: number): string {
  if (!(seconds >= 0)) return MISSING
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
