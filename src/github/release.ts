import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { create } from 'tar'
import { z } from 'zod'
import { loadParams } from '../command-line/params.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { listFiles, writeFileAtomically, writeFolderAtomically } from '../core/files.ts'
import { compareNames } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { readJudged, requirePassed } from '../gate/verdict.ts'
import { resolveCommit } from '../git/read.ts'
import { exportModel } from '../predict/export/export.ts'
import { type GitHub, listAll, openGitHub } from './client.ts'
import { cutMarkdown, LIMITS } from './cut.ts'
import { dvc } from './dvc.ts'
import { appendSummary, type Environment, readJob, writeOutputs } from './job.ts'

/** The published files, for the workflow's attestation. */
const FILES = '.paddock/release'
const TAG = /^v[0-9A-Za-z][0-9A-Za-z.+-]{0,99}$/

/**
 * Publishes a tag as a release with the chosen model, also as ONNX, its model card and the results page.
 *
 * @throws GateError when the gate fails, GitHubError when GitHub refuses
 */
export async function release(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const tag = environment.GITHUB_REF_NAME ?? ''
  if (!TAG.test(tag)) {
    throw new ConfigError(`Expected a tag such as v1.0.0, received ${JSON.stringify(tag)}. Push a tag of this form.`)
  }
  const params = await loadParams()
  const { scored, gate } = await readJudged(params)
  const outcome = requirePassed(gate, scored)
  const { chosen: name = '' } = gate
  await dvc(['pull', '--force', 'augment', `train@${name}`, `evaluate@${name}`, 'report'])
  const card = await readAsset(paths.resultsCard, 'text/markdown')
  const onnx = await exportModel(params, { config: name })
  const assets = [
    await packFolder(name, paths.model(name)),
    await packFolder(`${name}-onnx`, paths.export(name)),
    card,
    await readAsset(paths.page, 'text/html'),
  ]
  await writeFolderAtomically(FILES, async (folder) => {
    for (const asset of assets) await writeFileAtomically(join(folder, asset.name), asset.content)
  })
  const url = await writeRelease(openGitHub(job), {
    tag,
    commit: await resolveCommit('HEAD'),
    title: tag,
    body: cutMarkdown(Buffer.from(card.content).toString(), { limit: LIMITS.release, fullTextUrl: '' }),
    assets,
  })
  await writeOutputs({ release: url }, environment)
  const list = assets.map(({ name }) => `- \`${name}\``).join('\n')
  await appendSummary(`### [${tag}](${url})\n\n${list}`, '', environment)
  return `${url}: ${outcome}; ${onnx}`
}

interface Asset {
  readonly name: string
  /** Media type. */
  readonly type: string
  readonly content: Uint8Array
}

/** Packs a folder as NAME.tar.gz with all its files in NAME/; the same files give the same bytes. */
async function packFolder(name: string, source: string): Promise<Asset> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-release-'))
  try {
    const file = join(folder, `${name}.tar.gz`)
    const files = (await listFiles(source)).map(({ path }) => path).sort(compareNames)
    const reproducible = { portable: true, noPax: true, mtime: new Date(0) }
    await create({ ...reproducible, gzip: true, cwd: source, prefix: name, file, strict: true }, files)
    return { name: basename(file), type: 'application/gzip', content: await readFile(file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readAsset(path: string, type: string): Promise<Asset> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new DataError(
      `Expected ${path}, received: ${messageOf(error)}. Wait until the train workflow has committed it.`,
    )
  })
  return { name: basename(path), type, content }
}

export interface Release {
  readonly tag: string
  readonly commit: string
  readonly title: string
  /** Markdown. */
  readonly body: string
  readonly assets: readonly Asset[]
}

const releaseSchema = z.object({
  id: z.number(),
  tag_name: z.string(),
  html_url: z.string(),
  upload_url: z.string(),
  assets: z.array(z.object({ id: z.number(), name: z.string() })),
})

const LIST = 'GET /repos/{owner}/{repo}/releases'
const CREATE = 'POST /repos/{owner}/{repo}/releases'
const UPDATE = 'PATCH /repos/{owner}/{repo}/releases/{release_id}'
const DELETE_ASSET = 'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}'

/**
 * Creates the release of a tag, or updates the existing one, and returns its URL.
 *
 * The release stays a draft until its last file is uploaded, so an interrupted run never leaves a partial release; the next run
 * continues with that draft.
 *
 * @throws GitHubError
 */
export async function writeRelease(github: GitHub, { tag, commit, title, body, assets }: Release): Promise<string> {
  const fields = { tag_name: tag, target_commitish: commit, name: title, body }
  const draft =
    (await findRelease(github, tag)) ??
    releaseSchema.parse(await github.request('create the release', CREATE, { ...fields, draft: true }))
  for (const { name, type, content } of assets) {
    const old = draft.assets.find((asset) => asset.name === name)
    if (old) await github.request(`delete the old ${name}`, DELETE_ASSET, { asset_id: old.id })
    await github.request(`accept ${name}`, `POST ${draft.upload_url.replace(/\{.*$/, '')}{?name}`, {
      name,
      data: content,
      headers: { 'content-type': type, 'content-length': content.byteLength },
    })
  }
  const published = await github.request('publish the release', UPDATE, {
    ...fields,
    release_id: draft.id,
    draft: false,
  })
  return releaseSchema.parse(published).html_url
}

/** Searches all releases, since a draft cannot be requested by its tag. */
async function findRelease(github: GitHub, tag: string): Promise<z.infer<typeof releaseSchema> | undefined> {
  for await (const item of listAll(github, 'list the releases', LIST)) {
    const found = releaseSchema.parse(item)
    if (found.tag_name === tag) return found
  }
  return undefined
}
