/** Who may import whom. Each room may import itself and the rooms named here; `npm run check` holds the code to it. */
const SHARED = ['core', 'config', 'images', 'dataset', 'batches', 'tensorflow', 'network', 'models', 'scores', 'records']
const ROOMS = {
  core: ['config'],
  config: ['core'],
  images: ['config', 'core'],
  dataset: ['config', 'core'],
  batches: ['tensorflow', 'config', 'core'],
  tensorflow: ['config', 'core'],
  network: ['scores', 'batches', 'tensorflow', 'models', 'config', 'core'],
  models: ['network', 'tensorflow', 'config', 'core'],
  scores: ['config', 'core'],
  records: ['scores', 'config', 'core'],
  fetch: ['core', 'config', 'images', 'dataset'],
  split: ['core', 'config', 'dataset'],
  augment: ['core', 'config', 'images', 'dataset', 'batches'],
  train: SHARED,
  evaluate: ['core', 'config', 'batches', 'tensorflow', 'network', 'scores'],
  gate: ['core', 'config', 'scores'],
  report: ['core', 'config', 'images', 'dataset', 'batches', 'scores', 'records', 'gate', 'predict'],
  predict: [...SHARED, 'command-line', 'dvc', 'evaluate', 'gate', 'report', 'train'],
  'command-line': [...SHARED, 'augment', 'evaluate', 'fetch', 'gate', 'report', 'split', 'train'], // their schemas
  audit: [...SHARED, 'command-line', 'evaluate', 'report', 'split', 'train', 'workspace'],
  'check-data': [...SHARED, 'command-line', 'train'],
  workspace: ['core', 'config', 'images', 'dataset', 'fetch', 'split', 'scores', 'command-line', 'dvc', 'git', 'predict'],
  dvc: [...SHARED, 'command-line', 'git', 'fetch', 'split', 'train', 'evaluate', 'report', 'gate'],
  git: ['core'],
  review: [...SHARED, 'command-line', 'dvc', 'fetch', 'git', 'gate', 'report', 'train'],
  github: [...SHARED, 'command-line', 'dvc', 'git', 'gate', 'report', 'review', 'predict'],
}

/** The one place that imports a package. Tests may import any. */
const DOORS = {
  sharp: '^src/images/',
  esbuild: '^(src/report|commands/verify)/',
  vega: '^src/report/',
  'vega-lite': '^src/report/',
  'vega-interpreter': '^src/report/page/client/',
  zx: '^(pipeline|commands)/',
  execa: '^src/',
  '@octokit/core': '^src/github/',
}

const OURS = '^(src|pipeline|commands|lessons)/'

module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, others]) => ({
      name: `room-${room}`,
      comment: `src/${room} imports ${others.length > 0 ? `${others.join(', ')} alone` : 'nothing of ours'}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^(src|pipeline|commands|lessons|test|bench)/', pathNot: `^src/(${[room, ...others].join('|')})/` },
    })),
    ...Object.entries(DOORS).map(([name, door]) => ({
      name: `door-${name}`,
      comment: `${name} is imported in ${door} alone.`,
      severity: 'error',
      from: { path: OURS, pathNot: door },
      to: { path: `node_modules/${name}/` },
    })),
    {
      name: 'door-tensorflow',
      comment: 'TensorFlow is loaded by src/tensorflow alone, and by what runs in a browser; its types may be imported anywhere.',
      severity: 'error',
      from: { path: OURS, pathNot: '^src/(tensorflow|predict/browser)/' },
      to: { path: 'node_modules/@tensorflow/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'known-rooms',
      comment: 'A file of src stands in a room, apart from the runner.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(${Object.keys(ROOMS).join('|')})/` },
    },
    {
      name: 'no-script-from-outside',
      comment: 'A script is run, never imported.',
      severity: 'error',
      from: {},
      to: { path: '^(pipeline|commands)/[^/]+$' },
    },
    {
      name: 'no-test-from-code',
      severity: 'error',
      from: { path: OURS },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'browser-is-elsewhere',
      comment: 'What runs in a browser is bundled, never imported; its types may be.',
      severity: 'error',
      from: { path: OURS, pathNot: '^src/predict/browser/' },
      to: { path: '^src/predict/browser/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-barrel',
      comment: 'Import the file that holds what you want.',
      severity: 'error',
      from: {},
      to: { path: '(^|/)index[.][cm]?[jt]s$', pathNot: 'node_modules' },
    },
    {
      name: 'no-utils',
      comment: 'A helper lives beside its one user; with a second user it gets a name of its own in src/core.',
      severity: 'error',
      from: {},
      to: { path: '(^|/)(utils?|helpers?)(/|[.])', pathNot: 'node_modules' },
    },
    {
      name: 'declared',
      comment: 'What the code runs on is in dependencies.',
      severity: 'error',
      from: { path: '^(src|pipeline|commands)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'there',
      comment: 'The file or package that is imported is there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|[.]venv|[.]paddock|artifacts|data|docs|results|src/predict/export/examples)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
