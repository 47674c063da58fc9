import { describe, expect, it } from 'vitest'
import { faultsOf } from '../support/workflow-rules.ts'
import { readWorkflows } from '../support/workflows.ts'

/*
 * What the YAML alone can guarantee. train.long.test.ts has the same attacks on running jobs, test/fetch/archive.test.ts files of an
 * archive that leave its folder, test/github/ forged comment markers and hostile inputs.
 */
const workflows = await readWorkflows()

/** One change to a workflow each, by an attack or by mistake, and the fault that the rules find. */
const ATTACKS: ReadonlyArray<{ what: string; file: string; from: string | RegExp; to: string; fault: RegExp }> = [
  {
    what: "trains a fork's pull request",
    file: 'train.yml',
    from: '  workflow_dispatch:',
    to: '  pull_request:\n  workflow_dispatch:',
    fault: /train: a stranger reaches a self-hosted runner/,
  },
  {
    what: "hands the remote's key to a fork's pull request",
    file: 'train.yml',
    from: /on:\n {2}push:\n {4}branches:\n( {6}.*\n)+/,
    to: 'on:\n  pull_request:\n',
    fault: /plan step \d: a stranger reaches a secret/,
  },
  {
    what: 'reviews on a self-hosted runner',
    file: 'review.yml',
    from: 'runs-on: ubuntu-24.04',
    to: 'runs-on: [self-hosted, gpu]',
    fault: /review: a stranger reaches a self-hosted runner/,
  },
  {
    what: "runs a fork's code with the base's rights",
    file: 'review.yml',
    from: '  pull_request:',
    to: '  pull_request_target:',
    fault: /on\.pull_request_target: not allowed/,
  },
  {
    what: 'gives the review a secret',
    file: 'review.yml',
    from: 'GITHUB_TOKEN: ${{ github.token }}',
    to: 'GITHUB_TOKEN: ${{ secrets.AWS_ACCESS_KEY_ID }}',
    fault: /a stranger reaches a secret/,
  },
  {
    what: 'lets the review assume a role',
    file: 'review.yml',
    from: 'checks: write',
    to: 'id-token: write',
    fault: /a stranger reaches the remote's role/,
  },
  {
    what: "pastes a branch's name into a shell line",
    file: 'train.yml',
    from: 'run: npm run ci -- plan',
    to: 'run: npm run ci -- plan ${{ github.ref_name }}',
    fault: /an expression in a shell line/,
  },
  {
    what: "pastes a dispatch's input into a shell line",
    file: 'train.yml',
    from: 'run: npm run ci -- plan',
    to: "run: npm run ci -- plan '${{ inputs.configurations }}'",
    fault: /an expression in a shell line/,
  },
  {
    what: "puts a commit's title into the environment",
    file: 'train.yml',
    from: 'SEED: ${{ inputs.seed }}',
    to: 'SEED: ${{ github.event.head_commit.message }}',
    fault: /env\.SEED: github\.event\.head_commit\.message/,
  },
  {
    what: "names a group by a branch's name that a fork chose",
    file: 'review.yml',
    from: 'review-${{ github.ref }}',
    to: 'review-${{ github.ref }}-${{ github.head_ref }}',
    fault: /concurrency\.group: github\.head_ref/,
  },
  {
    what: 'uses an action by its tag',
    file: 'ci.yml',
    from: /actions\/checkout@[0-9a-f]{40} # v6\.0\.2/,
    to: 'actions/checkout@v6',
    fault: /not pinned/,
  },
  {
    what: "leaves checkout's token on disk",
    file: 'train.yml',
    from: 'persist-credentials: false',
    to: 'persist-credentials: true',
    fault: /checkout leaves its token/,
  },
  {
    what: 'has all permissions',
    file: 'ci.yml',
    from: 'permissions: {}',
    to: 'permissions: write-all',
    fault: /not \{\}/,
  },
  {
    what: 'may write where it only reads',
    file: 'train.yml',
    from: 'contents: read # checkout',
    to: 'contents: write',
    fault: /plan: permissions/,
  },
  {
    what: 'has no time limit',
    file: 'review.yml',
    from: /^ +timeout-minutes: 15\n/m,
    to: '',
    fault: /no timeout-minutes/,
  },
  {
    what: 'shows a secret to every step',
    file: 'train.yml',
    from: '    timeout-minutes: 2880\n',
    to: '    timeout-minutes: 2880\n    env:\n      KEY: ${{ secrets.AWS_ACCESS_KEY_ID }}\n',
    fault: /env for every step/,
  },
  {
    what: "lets the head's code review itself",
    file: 'review.yml',
    from: 'github.event.pull_request.base.sha',
    to: 'github.event.pull_request.head.sha',
    fault: /review: the head judges itself/,
  },
  {
    what: "runs a script of the head before the base's checkout",
    file: 'train.yml',
    from: /(?<= {2}review:\n(.*\n)*? {4}steps:\n)/,
    to: '      - run: npm ci\n',
    fault: /review: something of the head runs/,
  },
  {
    what: 'trains the branches of a bot',
    file: 'train.yml',
    from: "      - '!dependabot/**'\n",
    to: '',
    fault: /on\.push\.branches: without !dependabot/,
  },
  {
    what: 'pushes with keys that have run out',
    file: 'train.yml',
    from: / {6}# the role's keys last(.*\n)*?(?= {6}- run: npm run ci -- push-one)/,
    to: '',
    fault: /train: pushes with the keys of its start/,
  },
  {
    what: 'certifies on a machine that a stranger reaches',
    file: 'certify.yml',
    from: '  workflow_dispatch:',
    to: '  pull_request:\n  workflow_dispatch:',
    fault: /certify: a stranger reaches a self-hosted runner/,
  },
  {
    what: 'reads a secret without the environment',
    file: 'release.yml',
    from: '    environment: training\n',
    to: '',
    fault: /a secret outside of an environment/,
  },
]

describe('the workflows', () => {
  it('are these five', () => {
    expect(Object.keys(workflows)).toEqual(['certify.yml', 'ci.yml', 'release.yml', 'review.yml', 'train.yml'])
  })

  it('break none of the rules', () => {
    expect(Object.entries(workflows).flatMap(([file, text]) => faultsOf(file, text))).toEqual([])
  })

  it.each(ATTACKS)('are refused if one $what', ({ file, from, to, fault }) => {
    const text = workflows[file] as string
    const changed = text.replace(from, to)
    expect(changed).not.toBe(text)
    expect(faultsOf(file, changed).join('\n')).toMatch(fault)
  })
})

describe('train.yml', () => {
  it('checks the GPU before it trains', () => {
    const text = workflows['train.yml'] as string
    const order = ['npm run setup\n', 'npm run doctor -- --require-gpu', 'commands/ci.ts train-one'].map((step) =>
      text.indexOf(step),
    )
    expect(order.every((place) => place > 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })
})
