import { z } from 'zod'
import { augmentParams } from '../augment/params.ts'
import { checkParams, parseYaml, readParamsFile } from '../config/params.ts'
import { imageParams, seedParam } from '../config/shapes.ts'
import { paths } from '../core/paths.ts'
import { evaluateParams } from '../evaluate/params.ts'
import { fetchParams } from '../fetch/params.ts'
import { gateParams } from '../gate/params.ts'
import { reportParams } from '../report/params.ts'
import { splitParams } from '../split/params.ts'
import { checkpointParams, mixedMonitors, modelsParams, onlineParams, trainParams } from '../train/params.ts'

const sections = {
  seed: seedParam,
  image: imageParams,
  fetch: fetchParams,
  split: splitParams,
  augment: augmentParams.extend({ online: onlineParams }),
  train: trainParams,
  checkpoint: checkpointParams,
  evaluate: evaluateParams,
  report: reportParams,
  gate: gateParams,
  models: modelsParams,
}

/** params.yaml, whole: `seed`, `image`, a section a stage, and `models`. Commands check it before DVC starts. */
export const paramsSchema = z.strictObject(sections).superRefine(({ augment, train, models }, context) => {
  for (const path of mixedMonitors(augment.online, train, models)) {
    const message = 'must not monitor accuracy with mixup or cutmix, which limit it; use validation_accuracy'
    context.addIssue({ code: 'custom', message, path })
  }
  for (const [name, { classWeights = train.classWeights, sampling = train.sampling }] of Object.entries(models)) {
    if (classWeights !== 'balanced' || sampling !== 'balanced') continue
    const message = 'must have classWeights or sampling balanced, not both: rare classes would count twice'
    context.addIssue({ code: 'custom', message, path: ['models', name] })
  }
})

export type Params = z.infer<typeof paramsSchema>

/** params.yaml, whole. @throws ConfigError with every fault and its line */
export async function loadParams(path: string = paths.params): Promise<Params> {
  return parseParams(await readParamsFile(path), path)
}

/** The parameters in a YAML text. `name` is the file's name in messages. */
export function parseParams(text: string, name: string = paths.params): Params {
  return checkParams(paramsSchema, parseYaml(text, name))
}
