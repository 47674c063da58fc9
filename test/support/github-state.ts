import type { Description } from './github-description.ts'

/** The state of a repository on GitHub, as its API shows it. */
export interface GitHubState {
  readonly comments: Resource[]
  /** Open ones, as far as a test has any. */
  readonly pulls: Pull[]
  readonly checkRuns: CheckRun[]
  readonly releases: Release[]
}

export interface Resource {
  readonly id: number
  body?: string
  [key: string]: unknown
}

export interface Pull {
  readonly number: number
  /** Branches of this repository. */
  readonly head: string
  readonly base: { readonly ref: string; readonly sha: string }
}

export interface CheckRun extends Resource {
  output: {
    title: string | null
    summary: string | null
    text: string | null
    annotations_count: number
    annotations_url: string
  }
  /** From the requests; the API shows them elsewhere. */
  readonly annotations: object[]
}

export interface Release extends Resource {
  readonly assets: Resource[]
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
}

/** A request to a handler. */
export interface Asked {
  readonly login: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** The raw body, for uploads. */
  readonly content: Buffer
  readonly origin: string
}

const LONGEST_COMMENT = 65_536
const NOT_FOUND = failure(404, 'Not Found')

/** The handlers of a state, one for each operation of GitHub's description. */
export function operationsOf(state: GitHubState, examples: Description['examples']) {
  let lastId = 1000
  const example = (name: string) => structuredClone(examples[name]?.value ?? {}) as Record<string, unknown>
  const userOf = (login: string) => ({
    ...(example('release').author as object),
    login,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
  })
  const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

  const operations: Readonly<Record<string, (asked: Asked) => Reply>> = {
    'issues/list-comments': ({ params, query }) =>
      page(state.comments.filter(({ issue }) => issue === params.issue_number).map(publicly), query),
    'issues/create-comment': ({ params, body, login, origin }) => {
      const text = String(body.body)
      if (text.length > LONGEST_COMMENT) return tooLong()
      const id = ++lastId
      const [list] = example('issue-comment-items') as unknown as object[]
      const url = `${origin}/repos/${params.owner}/${params.repo}/issues/comments/${id}`
      const comment = { ...list, id, url, body: text, user: userOf(login), created_at: now(), updated_at: now() }
      state.comments.push({ ...comment, issue: params.issue_number })
      return { status: 201, body: comment }
    },
    'issues/update-comment': ({ params, body }) => {
      const comment = byId(state.comments, params.comment_id)
      if (!comment) return NOT_FOUND
      const text = String(body.body)
      if (text.length > LONGEST_COMMENT) return tooLong()
      Object.assign(comment, { body: text, updated_at: now() })
      return { status: 200, body: publicly(comment) }
    },
    'issues/get-comment': ({ params }) => shown(byId(state.comments, params.comment_id)),
    'issues/delete-comment': ({ params }) => removed(state.comments, params.comment_id),

    'pulls/list': ({ params, query }) => {
      const [shown] = example('pull-request-simple-items') as unknown as { head: { repo: object }; base: object }[]
      const repo = { ...shown?.head.repo, full_name: `${params.owner}/${params.repo}` }
      const pulls = state.pulls.filter(({ head }) => `${params.owner}:${head}` === query.head)
      const bodies = pulls.map(({ number, head, base }) => ({
        ...shown,
        requested_teams: [], // those of the example do not match the description
        number,
        head: { ...shown?.head, ref: head, repo },
        base: { ...shown?.base, ...base, repo },
      }))
      return page(bodies, query)
    },

    'checks/create': ({ body, origin, params }) => {
      const id = ++lastId
      const { output, ...others } = body as { output?: { annotations?: object[] } }
      const { annotations = [], ...words } = output ?? {}
      const url = `${origin}/repos/${params.owner}/${params.repo}/check-runs/${id}`
      const run = {
        ...example('check-run'),
        external_id: '',
        details_url: null,
        conclusion: null,
        pull_requests: [],
        ...others,
        id,
        url,
        output: {
          ...NO_OUTPUT,
          ...words,
          annotations_count: annotations.length,
          annotations_url: `${url}/annotations`,
        },
        annotations: [...annotations],
      }
      state.checkRuns.push(run)
      return { status: 201, body: publicly(run) }
    },
    'checks/update': ({ params, body }) => {
      const run = byId(state.checkRuns, params.check_run_id)
      if (!run) return NOT_FOUND
      const { output, ...others } = body as { output?: { annotations?: object[] } }
      const { annotations = [], ...words } = output ?? {}
      run.annotations.push(...annotations)
      Object.assign(run, others, {
        output: { ...run.output, ...words, annotations_count: run.annotations.length },
      })
      return { status: 200, body: publicly(run) }
    },
    'checks/get': ({ params }) => shown(byId(state.checkRuns, params.check_run_id)),
    'checks/list-for-ref': ({ params }) => {
      const runs = state.checkRuns.filter((run) => run.head_sha === params.ref).map(publicly)
      return { status: 200, body: { total_count: runs.length, check_runs: runs } }
    },

    'repos/list-releases': ({ query }) => page(state.releases, query),
    'repos/create-release': ({ body, login, origin, params }) => {
      if (state.releases.some((release) => release.tag_name === body.tag_name && !release.draft)) {
        return failure(422, 'Validation Failed', [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }])
      }
      const id = ++lastId
      const url = `${origin}/repos/${params.owner}/${params.repo}/releases/${id}`
      const release = {
        ...example('release'),
        ...body,
        id,
        url,
        author: userOf(login),
        assets_url: `${url}/assets`,
        upload_url: `${url}/assets{?name,label}`,
        html_url: `${origin}/${params.owner}/${params.repo}/releases/tag/${String(body.tag_name)}`,
        assets: [],
      }
      state.releases.push(release)
      return { status: 201, body: release }
    },
    'repos/get-release': ({ params }) => shown(byId(state.releases, params.release_id)),
    'repos/update-release': ({ params, body }) => {
      const release = byId(state.releases, params.release_id)
      return release ? { status: 200, body: Object.assign(release, body) } : NOT_FOUND
    },
    'repos/upload-release-asset': ({ params, query, content, login, origin }) => {
      const release = byId(state.releases, params.release_id)
      if (!release) return NOT_FOUND
      if (release.assets.some(({ name }) => name === query.name)) {
        return failure(422, 'Validation Failed', [{ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }])
      }
      const id = ++lastId
      const asset = {
        ...example('release-asset'),
        id,
        url: `${origin}/repos/${params.owner}/${params.repo}/releases/assets/${id}`,
        name: query.name,
        size: content.length,
        digest: null,
        uploader: userOf(login),
      }
      release.assets.push(asset)
      return { status: 201, body: asset }
    },
    'repos/list-release-assets': ({ params }) => shown(byId(state.releases, params.release_id)?.assets),
    'repos/delete-release-asset': ({ params }) => {
      const release = state.releases.find(({ assets }) => byId(assets, params.asset_id))
      return release ? removed(release.assets, params.asset_id) : NOT_FOUND
    },
  }
  return operations
}

const NO_OUTPUT = { title: null, summary: null, text: null }

export function failure(status: number, message: string, errors?: object[]): Reply {
  const url = 'https://docs.github.com/rest'
  return { status, body: { message, documentation_url: url, status: String(status), ...(errors ? { errors } : {}) } }
}

function tooLong(): Reply {
  const error = {
    resource: 'IssueComment',
    code: 'unprocessable',
    field: 'data',
    message: 'Body is too long (maximum is 65536 characters)',
  }
  return failure(422, 'Validation Failed', [error])
}

function byId<T extends Resource>(resources: readonly T[], id: string | undefined): T | undefined {
  return resources.find((resource) => String(resource.id) === id)
}

function shown(found: Resource | Resource[] | undefined): Reply {
  return found ? { status: 200, body: Array.isArray(found) ? found : publicly(found) } : NOT_FOUND
}

function removed(resources: Resource[], id: string | undefined): Reply {
  const place = resources.findIndex((resource) => String(resource.id) === id)
  if (place < 0) return NOT_FOUND
  resources.splice(place, 1)
  return { status: 204 }
}

/** Without the fields that only this server needs. */
function publicly({ issue: _issue, annotations: _annotations, ...resource }: Resource): object {
  return resource
}

function page(
  items: readonly object[],
  { per_page = '30', page: number = '1' }: Readonly<Record<string, string>>,
): Reply {
  const size = Math.min(100, Number(per_page))
  return { status: 200, body: items.slice((Number(number) - 1) * size, Number(number) * size) }
}
