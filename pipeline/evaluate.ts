/**
 * evaluate: score a trained configuration on the images that it was not trained on.
 *
 * usage   pipeline/node pipeline/evaluate.ts <config>
 * reads   artifacts/train/<config>/{model/, history.csv}, artifacts/augment/{validation,holdout,test}.{npy,csv},
 *         artifacts/augment/train.{npy,csv}, artifacts/split/groups.csv, test-set.csv
 * writes  artifacts/evaluate/<config>/{metrics.json, predictions.csv, calibration.json, reliability.csv, confusion.csv, history.csv,
 *         identity.json, heatmaps.npy, heatmaps.csv, novelty.json, references.bin}
 * params  seed, evaluate; image, train, models.<config>, with which the model is compared
 */
import { argv } from 'zx'
import { readParams } from '../src/config/params.ts'
import { trainingDigest, trainingSections } from '../src/config/training-digest.ts'
import { readSha256 } from '../src/core/files.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { hashTestSet, readTestSet, sampleOf } from '../src/core/test-set.ts'
import { evaluateModel } from '../src/evaluate/evaluate.ts'
import { explainImages, imagesToExplain } from '../src/evaluate/explain.ts'
import { evaluateSections } from '../src/evaluate/params.ts'
import { expectProvenance } from '../src/evaluate/provenance.ts'
import { saveEvaluation } from '../src/evaluate/save.ts'
import type { NetworkEntry } from '../src/network/params.ts'
import { originOfWeights } from '../src/network/published.ts'
import { loadModel } from '../src/network/saved.ts'
import { readHistory } from '../src/scores/history.ts'
import { readModelDigest } from '../src/scores/identity.ts'

const [config = ''] = argv._

await runScript(`evaluate@${config}`, async () => {
  const params = await readParams({ ...trainingSections, ...evaluateSections })
  const model = await loadModel(paths.model(config))
  expectProvenance(model, {
    config,
    entry: params.models[config],
    parameters: trainingDigest(params, config),
    images: await readSha256(paths.packedIndex('train')),
    epochs: (await readHistory(paths.history(config))).length,
  })
  const evaluation = await evaluateModel(model, params)
  const explained = await explainImages(model, imagesToExplain(evaluation.images), params.evaluate)
  const testSet = await readTestSet()
  const identity = {
    model: await readModelDigest(paths.model(config)),
    testSet: hashTestSet(testSet),
    testSample: sampleOf(testSet),
    ...originOfWeights(params.models[config] as NetworkEntry), // as its training has checked it
  }
  return saveEvaluation(config, model, evaluation, { identity, explained })
})
