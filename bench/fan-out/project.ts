import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'

/** Bytes that each stage writes: those of the sample's images and its MobileNet 0.25. */
const AUGMENT_BYTES = 20_000_000
const MODEL_BYTES = 900_000
const PREDICTIONS_BYTES = 20_000

export interface Project {
  readonly configurations: readonly string[]
  readonly waitSeconds: number
  readonly remote: { readonly url: string; readonly endpoint: string }
}

/** Makes a repository with the dependencies of our stages, each replaced by stage.mjs. */
export async function makeProject(
  root: string,
  dvc: string,
  { configurations, waitSeconds, remote }: Project,
): Promise<void> {
  await rm(root, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  await cp('bench/fan-out/stage.mjs', join(root, 'stage.mjs'))
  const files = {
    '.gitignore': '/artifacts\n',
    '.dvcignore': '/artifacts/**/.gitignore\n',
    'params.yaml': stringify({
      models: Object.fromEntries(configurations.map((name, index) => [name, { seed: index }])),
    }),
    'dvc.yaml': pipeline(waitSeconds),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  await execa('git', ['init', '--quiet', '--initial-branch=main'], { cwd: root })
  await execa(dvc, ['init', '--quiet'], { cwd: root })
  for (const [name, value] of [
    ['core.analytics', 'false'],
    ['core.autostage', 'false'],
  ]) {
    await execa(dvc, ['config', name as string, value as string], { cwd: root })
  }
  await execa(dvc, ['remote', 'add', '--quiet', '--default', 'storage', remote.url], { cwd: root })
  await execa(dvc, ['remote', 'modify', 'storage', 'endpointurl', remote.endpoint], { cwd: root })
  await execa(dvc, ['remote', 'modify', 'storage', 'verify', 'true'], { cwd: root })
  await commit(root, 'project')
}

export async function commit(root: string, message: string): Promise<void> {
  await execa('git', ['add', '--all'], { cwd: root })
  const user = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid']
  await execa('git', [...user, 'commit', '--quiet', '--allow-empty', '--message', message], { cwd: root })
}

function pipeline(waitSeconds: number): string {
  const stage = (cmd: string, rest: object) => ({ cmd: `node stage.mjs ${cmd}`, ...rest })
  return stringify({
    stages: {
      augment: stage(`0 artifacts/augment/train.npy ${AUGMENT_BYTES}`, {
        deps: ['stage.mjs'],
        outs: ['artifacts/augment'],
      }),
      train: {
        foreach: '${models}',
        do: stage(`${waitSeconds} artifacts/train/\${key}/weights.bin ${MODEL_BYTES}`, {
          deps: ['artifacts/augment', 'stage.mjs'],
          params: ['models.${key}'],
          outs: ['artifacts/train/${key}'],
        }),
      },
      evaluate: {
        foreach: '${models}',
        do: stage(
          `0 artifacts/evaluate/\${key}/predictions.csv ${PREDICTIONS_BYTES} artifacts/evaluate/\${key}/metrics.json 800`,
          {
            deps: ['artifacts/train/${key}', 'stage.mjs'],
            outs: ['artifacts/evaluate/${key}'],
          },
        ),
      },
      report: stage('0 results/README.md 2000', {
        deps: ['artifacts/evaluate', 'stage.mjs'],
        outs: [{ 'results/README.md': { cache: false } }],
      }),
    },
  })
}
