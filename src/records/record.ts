import { pluralize } from '../scores/format.ts'
import { recordTestEvaluations, type TestSetLook } from './test-evaluations.ts'
import { recordTrainings, type TrainingRecord } from './trainings.ts'

/** Records what trainings and evaluations left since the last time; gives one line where there was something. */
export async function recordNew(configurations: readonly string[]): Promise<string | undefined> {
  const trainings = await recordTrainings()
  const looks = await recordTestEvaluations(configurations)
  return trainings.length + looks.length > 0 ? `records: ${describe(trainings, looks)}` : undefined
}

/** `2 trainings, 2 models scored on the test set (original-zero 30/30, mobilenet025-zero 30/30)` */
function describe(trainings: readonly TrainingRecord[], looks: readonly TestSetLook[]): string {
  const scores = looks.map(({ configuration, correct, images }) => `${configuration} ${correct}/${images}`)
  return [
    ...(trainings.length > 0 ? [pluralize(trainings.length, 'training')] : []),
    ...(looks.length > 0 ? [`${pluralize(looks.length, 'model')} scored on the test set (${scores.join(', ')})`] : []),
  ].join(', ')
}
