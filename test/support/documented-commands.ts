/**
 * Who runs the commands of the documents, each as it stands there without its comment.
 *
 * `test/documents.test.ts` fails for a documented command that is in none of these lists, for an entry that no document has,
 * and for words that their file does not have.
 */

/** Run in this order, by a shell, in the fresh clone of `test/start.long.test.ts` after `npm start`. */
export const IN_FRESH_CLONE: readonly string[] = [
  'npm run setup',
  'npm run doctor',
  'npm run doctor -- --json',
  'npm run doctor -- --deep',
  'npm run predict -- photo.jpg',
  'npm run predict -- photo.jpg folder',
  'npm run summary -- --config original-zero',
  'npm run check-data -- --config original-zero',
  'npm run train -- --config original-zero',
  'npm run dvc -- metrics show',
  'npm run dvc -- plots show dvclive',
  'npm run dvc -- exp show --only-changed',
  'npm run open',
  'npm run export -- --to my-model',
  'npm run verify',
  'npm run review -- --base main',
  'npm run lesson -- regression --lang ja',
  'npm run lesson -- xor --lang ja',
  'npm run lesson -- learning-rate --lang ja',
  'npm run lesson -- overfitting --lang ja',
  'npm run repro -- --dry',
  'npm run repro',
  'npm run add',
  'git add data.dvc records test-set.csv',
  'git add data.dvc exclude.csv records',
  'npm run dvc -- gc --workspace --all-branches --all-tags --all-experiments',
]

/** Run there too, while the first of them answers, at a free port in place of 8080. */
export const SERVED: readonly [string, ...string[]] = [
  'npm run serve -- --port 8080',
  'curl --data-binary @photo.jpg http://127.0.0.1:8080/predict',
  'curl http://127.0.0.1:8080/health',
]

const START = 'test/start.long.test.ts'
const STATES = 'test/pipeline-dvc/states.long.test.ts'
const FINISH = 'test/commands/finish.long.test.ts'
const TUNE = 'test/commands/tune.long.test.ts'
const USE = 'test/commands/use.test.ts'
const ADD = 'test/commands/add.test.ts'
const STORAGE = 'test/dvc/storage.long.test.ts'
const TEMPLATE = 'test/template.test.ts'

/** Run elsewhere, with other names in place of NAME, DIR and the like: a file, and words in it that run the command. */
export const ELSEWHERE: Readonly<Record<string, readonly [file: string, words: string]>> = {
  '.ci/run': ['.ci/run', '# All tests'],
  'npm test': ['.ci/run', 'for part in test test:long'],
  'npm test -- test/split': ['package.json', 'exec vitest run --project quick"'], // npm hands the folder on
  'npm run test:long': ['.ci/run', 'for part in test test:long'],
  'npm run check': ['package.json', 'npm run check && '],
  'npm run test:workflows': ['package.json', '"test:workflows"'], // a part of test:long
  'npm start': [START, "npm('start')"],
  'git clone ADDRESS paddock': [START, "['clone', '--quiet', process.cwd()"],
  'npm run setup -- --gpu': ['test/commands/setup.test.ts', "setup(['--gpu'])"],
  'npm run doctor -- --require-gpu': ['test/commands/doctor.test.ts', "['--json', '--require-gpu']"],
  'npm run use': [USE, "('use', 'folder', '--data'"],
  'npm run use -- sample': [USE, "('use', 'sample')"],
  'npm run use -- folder': [USE, "('use', 'folder', '--data'"],
  'npm run use -- folder --data DIR': [USE, "('use', 'folder', '--data'"],
  'npm run use -- folder --data DIR --test DIR': [
    'test/pipeline/photographs.long.test.ts',
    "'folder', '--data', FOLDERS.photos, '--test', FOLDERS.test",
  ],
  'npm run use -- animals10': ['test/commands/use-animals10.test.ts', "('use', 'animals10')"],
  'npm run add -- DIR': [ADD, "('add', there('more'))"],
  'npm run add -- MORE': [ADD, "('add', there('more'))"],
  'npm run add -- DIR --new-class rabbit': [ADD, "('add', there('more'), '--new-class', 'horse')"],
  'npm run add -- --apply decisions.json': [ADD, "add(['--apply', file])"],
  'npm run audit': ['test/pipeline/photographs.long.test.ts', 'await audit(chooseBackbone('],
  'npm run accept-test-set': [STATES, "run('accept-test-set')"],
  'npm run repro -- train@NAME': ['test/pipeline-dvc/seven.long.test.ts', "('repro', `train@"],
  'npm run train -- --config mobilenet050-zero': [STATES, "run('train', '--config'"],
  'npm run summary -- --config mobilenet050-zero': [STATES, "run('summary', '--config'"],
  'npm run finish -- --config NAME': [FINISH, "run('finish', '--config'"],
  'npm run predict -- photo.jpg --config NAME --checkpoint best': [
    FINISH,
    "'--config', 'net', '--checkpoint', checkpoint",
  ],
  'npm run tune -- --config mobilenet050-zero --set learningRate=1e-4,1e-3 --set optimizer=adam,sgd': [
    TUNE,
    "run('tune', '--config', 'first', '--set'",
  ],
  'npm run tune -- --config original-zero --set learningRate=1e-4,1e-3': [
    TUNE,
    "run('tune', '--config', 'first', '--set'",
  ],
  'npm run seeds': [TUNE, "run('seeds', '--config'"],
  'npm run seeds -- --config mobilenet050-zero': [TUNE, "run('seeds', '--config'"],
  'npm run dvc -- exp run --set-param train.epochs=20 --name longer': [STATES, "'exp', 'run', ...options, ...set"],
  'npm run dvc -- exp apply longer': [STATES, "'exp', 'apply', 'missed'"],
  'npm run dvc -- checkout --force data.dvc': [USE, "'checkout', '--quiet', '--force', 'data.dvc'"],
  'npm run dvc -- push': [STATES, "plainDvc('push'"],
  'npm run remote -- s3://bucket/path': [STORAGE, 'project.remote(`s3://'],
  'npm run remote -- s3://bucket/path --endpoint URL': [STORAGE, "'--endpoint', proxy.endpoint"],
  'npm run remote -- --check': [STORAGE, "remote('--check')"],
  'npm run remote -- --heal': [STORAGE, "remote('--heal')"],
  'npm run demo': ['test/predict/demo-server.test.ts', "[resolve('commands/demo.ts')]"],
  'npm run certify': [STATES, "run('certify'"],
  'npm run ci -- STEP': ['test/support/workflow-world.ts', "['commands/ci.ts', step]"],
  'npm run lesson -- NAME': ['test/lessons/command.test.ts', "lesson('regression')"],
  'pipeline/node pipeline/train.ts NAME': ['test/pipeline/evaluated.ts', 'resolve(`pipeline/$'],
  'git fetch origin': ['test/support/workflow-world.ts', "'fetch'"],
  'git merge origin/main': [STATES, "'merge', '--quiet', 'left'"],
  'git add --all': ['test/support/clone.ts', "git('add', '--all')"],
  'git add --all && git commit': ['test/support/clone.ts', "'commit', '--quiet', '--message'"],
  "git add --all && git commit --message 'Write results again'": [
    'test/support/clone.ts',
    "'commit', '--quiet', '--message'",
  ],
  'git push': ['test/support/workflow-world.ts', "'push', '--quiet', 'origin'"],
  'git clone --origin upstream PADDOCK my-classifier': [TEMPLATE, "blockWith('git clone"],
  "git commit --message 'Start from paddock'": [TEMPLATE, "blockWith('Start from paddock"],
  'git remote add origin ADDRESS': [TEMPLATE, "blockWith('git remote add"],
  'git push --set-upstream origin main': [TEMPLATE, "blockWith('git remote add"],
  'git fetch upstream': [TEMPLATE, "blockWith('git fetch"],
  'git merge --no-commit --no-ff upstream/main || true': [TEMPLATE, "blockWith('git fetch"],
  'git restore --source=HEAD --staged --worktree -- README.md params.yaml data.dvc dvc.lock test-set.csv exclude.csv records results':
    [TEMPLATE, "blockWith('git fetch"],
  "git commit --message 'Take a later version of paddock'": [TEMPLATE, "blockWith('git fetch"],
  'git diff HEAD^ -- profiles/folder.yaml': [TEMPLATE, "blockWith('git diff"],
  "git add --all && git commit --message 'Results of the later version'": [TEMPLATE, "blockWith('git diff"],
}

/** Measurements and comparisons with other programs, which are installed for them alone: run by hand, and listed in bench/. */
export const BY_HAND: readonly string[] = [
  'node bench/peers/setup.mjs',
  'npm run parity',
  'npm run parity -- NAME',
  'npm run parity -- squeezenet',
  'npm run parity -- --official DIR',
]
