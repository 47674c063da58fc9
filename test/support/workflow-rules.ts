import { type Job, parseWorkflow, type Step, type Workflow } from './workflows.ts'

/** Events that a stranger can cause, by a pull request, a comment or a fork. */
const STRANGERS = [
  ...['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment', 'issue_comment'],
  ...[
    'issues',
    'discussion',
    'discussion_comment',
    'fork',
    'watch',
    'workflow_run',
    'workflow_call',
    'repository_dispatch',
  ],
]

/** Of the events above, only pull_request, which gives a fork a read-only token and no secret. */
const ALLOWED_EVENTS = ['push', 'pull_request', 'workflow_dispatch']

/** The most permissions that each job may have. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ci.yml test': { contents: 'read' },
  'ci.yml lint': { contents: 'read' },
  'train.yml plan': { contents: 'read', 'id-token': 'write' },
  'train.yml train': { contents: 'read', 'id-token': 'write' },
  'train.yml collect': { contents: 'write', checks: 'write', 'pull-requests': 'read', 'id-token': 'write' },
  'train.yml review': { contents: 'read', 'pull-requests': 'write', checks: 'write' },
  'certify.yml certify': { contents: 'read', 'id-token': 'write' },
  'review.yml review': { contents: 'read', 'pull-requests': 'write', checks: 'write' },
  'release.yml release': { contents: 'write', 'id-token': 'write', attestations: 'write' },
}

/** The commands that a step may run; none contains anything from outside. */
const COMMAND = /^(npm (ci|test|run [a-z-]+( -- [a-z -]+)?)|exec pipeline\/node commands\/ci[.]ts [a-z-]+)$/

/** The values of an event that a workflow may use, and where. */
const FROM_EVENT: ReadonlyArray<{ readonly text: RegExp; readonly place: RegExp }> = [
  { text: /^github[.]event[.]pull_request[.](head|base)[.]sha$/, place: /[.]with[.]ref$/ },
  { text: /^github[.]ref$/, place: /^concurrency[.]group$/ },
  { text: /^inputs[.](configurations?|seed)$/, place: /[.]env[.](CONFIGURATIONS?|SEED)$/ },
]

/** Whose branches no push trains. */
const BOTS = ['!dependabot/**', '!renovate/**']

/** Every rule that a workflow breaks, as `file place: fault`. */
export function faultsOf(file: string, text: string): string[] {
  let workflow: Workflow
  try {
    workflow = parseWorkflow(text)
  } catch (error) {
    return [`${file}: ${String(error)}`]
  }
  const faults = [...wholeFile(text, workflow)]
  for (const [name, job] of Object.entries(workflow.jobs)) faults.push(...jobFaults(`${file} ${name}`, job, workflow))
  faults.push(...pushFaults(workflow), ...expressionFaults(workflow))
  return faults.map((fault) => (fault.startsWith(file) ? fault : `${file} ${fault}`))
}

function* wholeFile(text: string, workflow: Workflow) {
  if (JSON.stringify(workflow.permissions) !== '{}') yield 'permissions: not {} on top'
  if (!workflow.concurrency?.group.includes('github.ref')) yield 'concurrency: not by ref'
  if (workflow.env !== undefined) yield 'env: for every job'
  for (const event of Object.keys(workflow.on)) {
    if (!ALLOWED_EVENTS.includes(event)) yield `on.${event}: not allowed`
  }
  for (const [line] of text.matchAll(/^.*\buses:.*$/gm)) {
    if (!/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+[.]\d+[.]\d+$/.test(line)) yield `uses: not pinned: ${line.trim()}`
  }
}

function* pushFaults(workflow: Workflow) {
  const { branches = [] } = (workflow.on.push ?? {}) as { branches?: readonly string[] }
  const hasKeys = Object.values(workflow.jobs).some(({ environment }) => environment !== undefined)
  if (!hasKeys || !branches.includes('**')) return
  for (const bot of BOTS) if (!branches.includes(bot)) yield `on.push.branches: without ${bot}`
}

/** The code that judges is the base's: the last of the checkouts, and nothing runs before it. */
function* reviewFaults(place: string, { steps }: Job) {
  if (!steps.some(({ run }) => run?.includes('publish-review'))) return
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
  if (!/[.]base[.]sha \}\}$/.test(String(checkouts.at(-1)?.with?.ref))) yield `${place}: the head judges itself`
  const last = steps.lastIndexOf(checkouts.at(-1) as Step)
  if (steps.slice(0, last).some(({ run }) => run !== undefined)) yield `${place}: something of the head runs`
}

/** A role's keys are fetched again right before the push that may come days later. */
function* keyFaults(place: string, { steps }: Job) {
  const push = steps.findIndex(({ run }) => run === 'npm run ci -- push-one')
  const trains = steps.some(({ run }) => run?.endsWith('train-one'))
  if (trains && !steps[push - 1]?.uses?.startsWith('aws-actions/configure-aws-credentials@'))
    yield `${place}: pushes with the keys of its start`
}

function* jobFaults(place: string, job: Job, workflow: Workflow) {
  const strangers = Object.keys(workflow.on).some((event) => STRANGERS.includes(event))
  yield* reviewFaults(place, job)
  yield* keyFaults(place, job)
  const selfHosted = /self-hosted|needs[.]plan[.]outputs[.]runner/.test(JSON.stringify(job['runs-on'])) // the latter may be
  if (!(Number(job['timeout-minutes']) > 0)) yield `${place}: no timeout-minutes`
  if (!isWithin(job.permissions, PERMISSIONS[place])) yield `${place}: permissions ${JSON.stringify(job.permissions)}`
  if (job.env !== undefined) yield `${place}: env for every step`
  if (!selfHosted && !/^ubuntu-\d+[.]\d+$/.test(String(job['runs-on']))) yield `${place}: runs on ${job['runs-on']}`
  if (strangers && selfHosted) yield `${place}: a stranger reaches a self-hosted runner`
  if (strangers && job.environment !== undefined) yield `${place}: a stranger reaches the environment`
  if (strangers && job.permissions?.['id-token'] !== undefined) yield `${place}: a stranger reaches the remote's role`
  for (const [index, step] of job.steps.entries()) yield* stepFaults(`${place} step ${index}`, step, job, strangers)
}

function* stepFaults(place: string, step: Step, job: Job, strangers: boolean) {
  if (step.run !== undefined && !COMMAND.test(step.run)) yield `${place}: runs ${JSON.stringify(step.run)}`
  if (step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false) {
    yield `${place}: checkout leaves its token`
  }
  const text = JSON.stringify(step)
  if (/secrets\b/.test(text)) {
    if (strangers) yield `${place}: a stranger reaches a secret`
    if (job.environment === undefined) yield `${place}: a secret outside of an environment`
    if (/secrets\b/.test(JSON.stringify({ ...step, env: undefined }))) yield `${place}: a secret outside of env`
    if (!/secrets[.]AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)\b/.test(text)) yield `${place}: an unknown secret`
    if (!/\b(ci -- |commands\/ci[.]ts |doctor\b)/.test(step.run ?? ''))
      yield `${place}: a secret for a step that needs none`
  }
  if (/github[.]token/.test(text) && !/npm run ci/.test(step.run ?? ''))
    yield `${place}: a token for a step that needs none`
}

/** Values of an event may appear only where no shell reads them. */
function expressionFaults(workflow: Workflow): string[] {
  const faults: string[] = []
  walk(workflow, '', (value, place) => {
    const isCondition = /[.]if$/.test(place)
    const expressions = isCondition
      ? [value]
      : [...value.matchAll(/\$\{\{(.*?)\}\}/gs)].map(([, inner]) => String(inner))
    for (const expression of expressions) {
      for (const [name] of expression.matchAll(/\b(github|inputs)[.][\w.]+/g)) {
        const known = FROM_EVENT.some(({ text, place: where }) => text.test(name) && where.test(place))
        const ours = /^github[.](token|repository|event_name|run_attempt)$/.test(name)
        if (!known && !ours && !isCondition) faults.push(`${place}: ${name}`)
      }
    }
    if (/[.]run$/.test(place) && value.includes('${{')) faults.push(`${place}: an expression in a shell line`)
  })
  return faults
}

function walk(value: unknown, place: string, see: (value: string, place: string) => void): void {
  if (typeof value === 'string') see(value, place)
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) walk(inner, place === '' ? key : `${place}.${key}`, see)
  }
}

function isWithin(given: Readonly<Record<string, string>> | undefined, most: Readonly<Record<string, string>> = {}) {
  return given !== undefined && Object.entries(given).every(([name, value]) => most[name] === value)
}
