import { rankConfigurations } from '../../gate/gate.ts'
import type { TrainingRecord } from '../../records/trainings.ts'
import { MISSING, pluralize } from '../../scores/format.ts'
import { metricsOf } from '../../scores/results.ts'
import type { Section } from '../document.ts'
import type { Evaluated } from '../inputs.ts'

type Trainings = Readonly<Record<string, TrainingRecord>>

/** How long the training of each model took, and on what machine. */
export function durationsSection(evaluations: Readonly<Record<string, Evaluated>>, trainings: Trainings): Section {
  const rows = rankConfigurations(metricsOf(evaluations)).map((name) => {
    const record = trainings[evaluations[name]?.identity.model.digest ?? '']
    if (!record) return [name, 'not recorded', MISSING, MISSING, MISSING]
    return [
      name,
      ...[record.seconds, record.seconds / record.epochs, record.inputStallSeconds].map(duration),
      machine(record),
    ]
  })
  return {
    id: 'durations',
    title: 'Training durations',
    short: 'Durations',
    pageOnly: true,
    blocks: [
      {
        kind: 'table',
        caption: 'Training durations',
        header: ['Configuration', 'Training', 'Per epoch', 'Waiting for images', 'Machine'],
        align: ['l', 'r', 'r', 'r', 'l'],
        rows,
      },
    ],
  }
}

/** The configurations whose training is not recorded. */
export function unrecorded(evaluations: Readonly<Record<string, Evaluated>>, trainings: Trainings): string[] {
  return Object.keys(evaluations).filter((name) => !trainings[evaluations[name]?.identity.model.digest ?? ''])
}

/** `CPU (AMD EPYC), 2 threads; TensorFlow 2.21.0, TensorFlow.js 4.22.0, Node 24.1.0` */
function machine({ device, processor, threads, versions: { tensorflow, tfjs, node } }: TrainingRecord): string {
  const name = device.kind === 'GPU' ? (device.name ?? processor) : processor
  return `${device.kind} (${name}), ${pluralize(threads, 'thread')}; TensorFlow ${tensorflow}, TensorFlow.js ${tfjs}, Node ${node}`
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!(seconds >= 0)) return MISSING
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
