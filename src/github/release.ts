import { z } from 'zod'
import type { GitHub } from './client.ts'

/** A file of a release. */
export interface Asset {
  readonly name: string
  readonly type: string
  readonly content: Uint8Array
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
const REMOVE_ASSET = 'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}'

/**
 * Makes the release of a tag, or makes it anew where it is there. Gives its address.
 *
 * It is a draft that nobody sees until its last file is there, so that a run that was broken off leaves no half of one; the next
 * run goes on with that draft.
 *
 * @throws GitHubError
 */
export async function writeRelease(github: GitHub, release: Release): Promise<string> {
  const { tag, commit, title, body, assets } = release
  const what = { tag_name: tag, target_commitish: commit, name: title, body }
  const found = await findRelease(github, tag)
  const draft =
    found ?? releaseSchema.parse((await github.ask('make the release', CREATE, { ...what, draft: true })).data)
  for (const asset of assets) {
    const old = draft.assets.find(({ name }) => name === asset.name)
    if (old) await github.ask('replace a file of the release', REMOVE_ASSET, { asset_id: old.id })
    await github.ask(`take ${asset.name}`, `POST ${draft.upload_url.replace(/\{.*$/, '')}{?name}`, {
      name: asset.name,
      data: asset.content,
      headers: { 'content-type': asset.type, 'content-length': asset.content.byteLength },
    })
  }
  const published = await github.ask('publish the release', UPDATE, { ...what, release_id: draft.id, draft: false })
  return releaseSchema.parse(published.data).html_url
}

/** Drafts have no address by their tag, so all releases are looked through. */
async function findRelease(github: GitHub, tag: string): Promise<z.infer<typeof releaseSchema> | undefined> {
  for (let page = 1; ; page++) {
    const { data } = await github.ask('list the releases', LIST, { per_page: 100, page })
    const releases = z.array(releaseSchema).parse(data)
    const found = releases.find((release) => release.tag_name === tag)
    if (found || releases.length < 100) return found
  }
}
