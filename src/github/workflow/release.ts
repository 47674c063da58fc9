import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { create } from 'tar'
import { loadParams } from '../../command-line/params.ts'
import { ConfigError, DataError, messageOf } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'
import { judge } from '../../gate/gate.ts'
import { requirePassed } from '../../gate/verdict.ts'
import { resolveCommit } from '../../git/read.ts'
import { metricsOf, readScored } from '../../scores/results.ts'
import { openGitHub } from '../client.ts'
import { cutMarkdown } from '../cut.ts'
import { appendSummary, writeOutputs } from '../job.ts'
import { type Asset, writeRelease } from '../release.ts'
import { runStep } from './dvc-step.ts'
import { type Environment, readJob } from './inputs.ts'

const TAG = /^v[0-9A-Za-z][0-9A-Za-z.+-]{0,99}$/

/** Characters of a release's text that GitHub takes. */
const LONGEST_BODY = 125_000

const PAGE = 'artifacts/report/index.html'
const CARD = 'results/model-card.md'

/** Makes the release of a tag: the chosen model, its card, and the page. Gives its address. @throws GateError when the gate fails */
export async function release(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const tag = environment.GITHUB_REF_NAME ?? ''
  if (!TAG.test(tag)) {
    throw new ConfigError(`Expected a tag such as v1.0.0, received ${JSON.stringify(tag)}. Push one that is like that.`)
  }
  const params = await loadParams()
  const scored = await readScored(Object.keys(params.models))
  const verdict = judge(metricsOf(scored), params.gate)
  const said = requirePassed(verdict, scored)
  const chosen = verdict.chosen ?? ''
  await runStep(['pull', '--force', `train@${chosen}`, 'report'])
  const card = await readAsset(CARD, 'text/markdown')
  const assets = [await packModel(chosen), card, await readAsset(PAGE, 'text/html')]
  const body = cutMarkdown(Buffer.from(card.content).toString(), { limit: LONGEST_BODY, wholeAt: '' })
  const address = await writeRelease(openGitHub(job), {
    tag,
    commit: await resolveCommit('HEAD'),
    title: tag,
    body,
    assets,
  })
  await writeOutputs({ release: address }, environment)
  await appendSummary(
    `### [${tag}](${address})\n\n${assets.map(({ name }) => `- \`${name}\``).join('\n')}`,
    '',
    environment,
  )
  return `${address}: ${said}`
}

/** The folder of a model as an archive: the same bytes for the same model. */
async function packModel(name: string): Promise<Asset> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-release-'))
  try {
    const file = join(folder, `${name}.tar.gz`)
    const model = paths.model(name)
    await create(
      {
        gzip: true,
        portable: true,
        noPax: true,
        mtime: new Date(0),
        cwd: dirname(model),
        prefix: name,
        file,
        strict: true,
      },
      [basename(model)],
    )
    return { name: basename(file), type: 'application/gzip', content: await readFile(file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readAsset(path: string, type: string): Promise<Asset> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new DataError(`Expected ${path}, received: ${messageOf(error)}. Let the train workflow run first.`)
  })
  return { name: basename(path), type, content }
}
