import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { paths } from '../../src/core/paths.ts'
import { recordNew } from '../../src/records/record.ts'
import { readTestSetLooks, withLooksAtHand } from '../../src/records/test-evaluations.ts'
import { readTrainings, type TrainingRecord } from '../../src/records/trainings.ts'
import { readIdentity } from '../../src/scores/identity.ts'
import { identityOf } from '../evaluate/scored.ts'
import { writeEvaluation } from '../pipeline/evaluated.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NAMES = ['mobilenet025-zero', 'original-zero']
const VALIDATION = { cat: 'c', dog: 'd', horse: 'h' }
temporaryFolder({ enter: true })

async function leaveTraining(configuration: string): Promise<TrainingRecord> {
  const training: TrainingRecord = {
    model: identityOf(configuration).model.digest,
    configuration,
    seconds: 12.3,
    inputStallSeconds: 0.1,
    epochs: 4,
    device: { kind: 'CPU' },
    threads: 2,
    processor: 'one of them',
    versions: { tensorflow: '2.21.0', tfjs: '4.22.0', node: '24.22.3' },
  }
  await mkdir(paths.trainingRecords, { recursive: true })
  await writeFile(`${paths.trainingRecords}/${training.model}.json`, JSON.stringify(training))
  return training
}

describe('recordNew', () => {
  it('moves trainings into records/, each model once', async () => {
    const training = await leaveTraining('original-zero')
    expect(await recordNew(NAMES)).toBe('records: 1 training')
    expect(await readTrainings()).toEqual([training])
    expect(await readdir(paths.trainingRecords)).toEqual([])
    const before = await readFile(paths.trainings, 'utf8')
    await leaveTraining('original-zero')
    expect(await recordNew(NAMES)).toBeUndefined()
    expect(await readFile(paths.trainings, 'utf8')).toBe(before)
  })

  it('records the models that were scored on test images, of the named configurations alone', async () => {
    await writeEvaluation('.', 'mobilenet025-zero', {
      validation: VALIDATION,
      test: { cat: 'cd', dog: 'd', horse: 'h' },
    })
    await writeEvaluation('.', 'original-zero', { validation: VALIDATION })
    await writeEvaluation('.', 'no-more', { validation: VALIDATION, test: { cat: 'c' } })
    expect(await recordNew(NAMES)).toBe('records: 1 model scored on the test set (mobilenet025-zero 3/4)')
    const { model, testSet, testSample } = await readIdentity(paths.identity('mobilenet025-zero'))
    const look = { configuration: 'mobilenet025-zero', model: model.digest, testSet, correct: 3, images: 4 }
    expect(await readTestSetLooks()).toEqual([{ ...look, validation: { correct: 3, images: 3 }, testSample }])
    expect(await recordNew(NAMES)).toBeUndefined()
  })

  it('refuses a file that is not a record, and names it', async () => {
    await mkdir(paths.trainingRecords, { recursive: true })
    await writeFile(`${paths.trainingRecords}/x.json`, '{}')
    await expect(recordNew(NAMES)).rejects.toThrow(`${paths.trainingRecords}/x.json`)
  })
})

describe('withLooksAtHand', () => {
  it('counts a model that is recorded already once', () => {
    const look = { configuration: 'a', model: 'm', testSet: 's', correct: 1, images: 2 }
    const other = { ...look, testSet: 't' }
    const sampled = { ...look, testSample: ['0123abcd'] }
    expect(withLooksAtHand([look], [sampled, other])).toEqual([sampled, other])
  })
})
