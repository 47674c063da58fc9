import { homedir } from 'node:os'
import { join } from 'node:path'

/** Parts of the data: three that split draws from the labelled images, and the test set, which is a set of its own. */
export const PARTS = ['train', 'validation', 'holdout', 'test'] as const
export type Part = (typeof PARTS)[number]

/** Every path of the pipeline, relative to the checkout; `<config>` is a key of `models` in params.yaml. */
export const paths = {
  params: 'params.yaml',
  dvcYaml: 'dvc.yaml',
  dvcLock: 'dvc.lock',
  pin: 'data.dvc',
  testSet: 'test-set.csv',
  exclude: 'exclude.csv',
  evaluated: 'records/evaluated.csv',
  data: 'data',
  fetch: 'artifacts/fetch',
  images: 'artifacts/fetch/images',
  manifest: 'artifacts/fetch/manifest.csv',
  rejected: 'artifacts/fetch/rejected.csv',
  pairs: 'artifacts/fetch/pairs.csv',
  splitFolder: 'artifacts/split',
  split: 'artifacts/split/split.csv',
  groups: 'artifacts/split/groups.csv',
  excluded: 'artifacts/split/excluded.csv',
  augment: 'artifacts/augment',
  packed: (part: Part) => `artifacts/augment/${part}.npy`,
  packedIndex: (part: Part) => `artifacts/augment/${part}.csv`,
  contactSheet: 'artifacts/augment/contact-sheet.png',
  trainAll: 'artifacts/train',
  train: (config: string) => `artifacts/train/${config}`,
  model: (config: string) => `artifacts/train/${config}/model`,
  history: (config: string) => `artifacts/train/${config}/history.csv`,
  trainingNotes: (config: string) => `artifacts/train/${config}/notes.txt`,
  /** Scores on validation of the kept epoch, and the headline figures among them, which DVC lists. */
  validation: (config: string) => `artifacts/train/${config}/validation.json`,
  scores: (config: string) => `artifacts/train/${config}/scores.json`,
  evaluateAll: 'artifacts/evaluate',
  evaluate: (config: string) => `artifacts/evaluate/${config}`,
  metrics: (config: string) => `artifacts/evaluate/${config}/metrics.json`,
  predictions: (config: string) => `artifacts/evaluate/${config}/predictions.csv`,
  confusion: (config: string) => `artifacts/evaluate/${config}/confusion.csv`,
  reliability: (config: string) => `artifacts/evaluate/${config}/reliability.csv`,
  calibration: (config: string) => `artifacts/evaluate/${config}/calibration.json`,
  heatMaps: (config: string) => ({
    array: `artifacts/evaluate/${config}/heatmaps.npy`,
    index: `artifacts/evaluate/${config}/heatmaps.csv`,
  }),
  /** The stored features of training images, and beyond which distance from them an image is none of the classes. */
  novelty: (config: string) => ({
    description: `artifacts/evaluate/${config}/novelty.json`,
    references: `artifacts/evaluate/${config}/references.bin`,
  }),
  /** Which model was evaluated on which test set. */
  identity: (config: string) => `artifacts/evaluate/${config}/identity.json`,
  /** evaluate's copy of the history that train wrote, so that its folder describes a whole training. */
  evaluatedHistory: (config: string) => `artifacts/evaluate/${config}/history.csv`,
  results: 'results',
  resultsReadme: 'results/README.md',
  resultsAccuracy: 'results/accuracy.json',
  resultsGate: 'results/gate.json',
  resultsMetrics: 'results/metrics',
  resultsConfusion: 'results/confusion',
  resultsPredictions: 'results/predictions.csv',
  resultsPlots: 'results/plots',
  resultsCard: 'results/model-card.md',
  resultsCandidates: 'results/label-candidates.csv',
  /** How long each trained model took and on what; git's alone, like the looks at the test set. */
  trainings: 'records/trainings.jsonl',
  testEvaluations: 'records/test-evaluations.jsonl',
  seedTrials: 'records/seeds.jsonl',
  /** What a training leaves for records/, one file a model. */
  trainingRecords: '.paddock/trainings',
  /** Curves of a training in DVCLive's layout. */
  dvclive: (config: string) => `dvclive/${config}`,
  report: 'artifacts/report',
  page: 'artifacts/report/index.html',
  demo: 'artifacts/report/demo',
  export: (config: string) => `artifacts/export/${config}`,
} as const

/** The folder of what is large and belongs to no checkout: `PADDOCK_CACHE`, else the user's cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { PADDOCK_CACHE, XDG_CACHE_HOME } = environment
  return PADDOCK_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'paddock')
}

/** Where the checkpoints of all trainings are. */
export function checkpointsRoot(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.PADDOCK_CHECKPOINTS || join(cacheFolder(environment), 'checkpoints')
}
