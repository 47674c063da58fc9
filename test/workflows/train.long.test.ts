import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type JobRun, runWorkflow, startWorkflow, type WorkflowRun } from '../support/act.ts'
import { cloneCheckout } from '../support/clone.ts'
import { trainingsIn } from '../support/trainings.ts'
import { hasCiTools, makeWorld, pullRequest, type World } from '../support/workflow-world.ts'

/*
 * The workflows run by act: real jobs, outputs, matrices, conditions and secrets, each job in its own workspace.
 *
 * Replaced are the actions (test/workflows/actions: checkout fetches from the bare repository), GitHub's API
 * (test/support/github-server.ts) and the GPU (PADDOCK_TEST_WITHOUT_GPU). act ignores `concurrency`, `environment` and
 * `permissions`, which test/workflows/rules.test.ts checks in the YAML.
 */
let world: World

/** Of the training whose worker dies: enough that it is not over when it is seen to have written a checkpoint. */
const EPOCHS = 30

/** Pasted into a shell line, quoted or not, this would create the trap's file. */
const branchOf = ({ trap }: World) => `try/"$(touch\${IFS}${trap})';touch\${IFS}${trap};#`
const titleOf = ({ trap }: World) =>
  `A "title" with $(touch ${trap}) and \`touch ${trap}\` '\n\n::set-output name=count::9`

let branch = ''
let base = ''
let trained = ''

beforeAll(async () => {
  if (!hasCiTools) return
  world = await makeWorld()
  branch = branchOf(world)
  base = await world.push(branch, titleOf(world))
})
afterAll(() => world?.close())

const job = ({ jobs }: WorkflowRun, id: string, config?: string): JobRun => {
  const found = jobs.find((each) => each.id === id && (config === undefined || each.config === config))
  if (!found) throw new Error(`no job ${id} ${config ?? ''} among ${jobs.map((each) => each.id)}`)
  return found
}
const results = ({ jobs }: WorkflowRun) =>
  Object.fromEntries(jobs.map(({ id, config, result }) => [config ? `${id} ${config}` : id, result]))
const train = () => runWorkflow(world.ground, { event: 'push', workflow: 'train.yml', branch })
const tip = () => world.git('rev-parse', `refs/heads/${branch}`)
const records = async (commit: string) => {
  const text = await world.git('show', `${commit}:records/trainings.jsonl`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { configuration: string; seconds: number })
}

describe.skipIf(!hasCiTools)('train.yml', () => {
  it('trains two configurations on two workers at once, and commits once with a check run', async () => {
    const run = await train()
    expect(results(run), run.log).toEqual({
      plan: 'success',
      'train first': 'success',
      'train second': 'success',
      collect: 'success',
    })
    expect(JSON.parse(job(run, 'plan').outputs.matrix ?? '')).toEqual(['first', 'second'])
    expect(job(run, 'plan').outputs).toMatchObject({ runner: '["self-hosted","gpu"]', gpu: 'true' })
    expect(job(run, 'train', 'first').output).toMatch(/ok +remote +storage: written, read and deleted/)
    for (const name of ['first', 'second']) {
      expect(job(run, 'train', name).output).toContain(`train-one: ${name} trained and evaluated`)
      expect(job(run, 'train', name).output).toContain(`push-one: ${name} pushed`)
    }
    expect(job(run, 'collect').output).not.toMatch(/^> .*pipeline\/train/m)
    const [one, other] = [job(run, 'train', 'first').span, job(run, 'train', 'second').span]
    expect(Math.min(one[1], other[1])).toBeGreaterThan(Math.max(one[0], other[0]))

    trained = await tip()
    expect(await world.git('rev-list', `${base}..${trained}`)).toBe(trained)
    expect(await world.git('log', '-1', '--format=%an: %s', trained)).toBe('github-actions[bot]: Train first, second')
    const changed = (await world.git('diff', '--name-only', base, trained)).split('\n')
    expect(changed).toEqual(expect.arrayContaining(['dvc.lock', 'results/README.md', 'records/trainings.jsonl']))
    expect(changed.filter((path) => path !== 'dvc.lock' && !/^(results|records)\//.test(path))).toEqual([])
    expect(world.github.state.checkRuns).toMatchObject([
      {
        name: 'paddock',
        head_sha: trained,
        status: 'completed',
        conclusion: 'success',
        output: { title: 'Gate passed (by the thresholds of this commit)' },
      },
    ])
    expect(world.github.violations).toEqual([])
  })

  it('commits how long each worker trained, and which models the test set judged', async () => {
    const trainings = await records(trained)
    expect(trainings.map(({ configuration }) => configuration)).toEqual(['first', 'second'])
    expect(trainings.every(({ seconds }) => seconds > 0)).toBe(true)
    const looks = await world.git('show', `${trained}:records/test-evaluations.jsonl`)
    expect(looks.split('\n').map((line) => JSON.parse(line))).toMatchObject([
      { configuration: 'first' },
      { configuration: 'second' },
    ])
  })

  it('leaves a commit that verify finds up to date', async () => {
    await world.pull(branch)
    const { exitCode, output } = await world.person.run('verify')
    expect(exitCode, output).toBe(0)
  })

  it('trains nothing after a push that changes no input', async () => {
    const objects = await world.objects()
    await world.person.write('README.md', 'Another text.\n')
    const pushed = await world.push(branch, 'Say something else')
    const run = await train()
    expect(results(run), run.log).toEqual({ plan: 'success', collect: 'success' })
    expect(job(run, 'plan').outputs).toMatchObject({ matrix: '[]', count: '0' })
    expect(job(run, 'collect').outputs).toMatchObject({ committed: 'false', moved: 'false', sha: pushed })
    expect(await tip()).toBe(pushed)
    expect(world.github.state.checkRuns.at(-1)).toMatchObject({ head_sha: pushed, conclusion: 'success' })
    expect(await world.objects()).toEqual(objects)
  })

  it('plans another seed for the named configuration, and never trains it in the collector', async () => {
    const seeded = { CONFIGURATIONS: 'second', SEED: '7' }
    const plan = await world.runStep('plan', branch, seeded)
    expect(plan.exitCode, plan.output).toBe(0)
    expect(plan.summary).toContain('To train with seed 7: `second`.')
    const collect = await world.runStep('collect', branch, seeded)
    expect(collect.exitCode).toBe(1)
    expect(collect.output).toContain('Expected the results of second in the run cache, received none')
    expect(collect.summary).toContain('The results cannot be collected')
    const [commit, last] = [await tip(), world.github.state.checkRuns.at(-1)]
    expect(last).toMatchObject({ name: 'paddock', head_sha: commit, conclusion: 'failure' })
  })

  it('commits nothing for the older of two pushes, and commits a failed gate with its verdict and the review by its base', async () => {
    await world.person.set({ 'gate.minTestImages': 1000 })
    const lock = await world.person.read('dvc.lock')
    await world.person.write('dvc.lock', `${lock}  train@gone:\n    cmd: node train.ts\n`)
    const early = await world.push(branch, 'Ask for more test images')
    await world.person.write('README.md', 'A later push.\n')
    const late = await world.push(branch, 'Say more')
    const checks = world.github.state.checkRuns.length
    world.github.state.pulls.push({ number: 7, head: branch, base: { ref: 'main', sha: trained } })
    const trigger = { event: 'push', workflow: 'train.yml', branch } as const
    const [first, second] = await Promise.all([
      runWorkflow(world.ground, { ...trigger, commit: early }),
      runWorkflow(world.ground, { ...trigger, commit: late }),
    ])
    expect(job(first, 'collect').outputs, first.log).toMatchObject({ moved: 'true', committed: 'false' })
    expect(job(second, 'collect').outputs, second.log).toMatchObject({
      moved: 'false',
      committed: 'true',
      gate: 'failed',
    })
    expect(job(second, 'collect').result).toBe('failure')
    expect(job(second, 'collect').output).toContain('collect: GateError: Expected at least 1,000 test images')
    const commit = await tip()
    expect(await world.git('rev-parse', `${commit}^`)).toBe(late)
    expect(await world.git('show', `${commit}:results/README.md`)).toMatch(/fail/i)
    expect(await world.git('show', `${commit}:dvc.lock`)).not.toContain('gone')
    const params = (await world.git('show', `${commit}:params.yaml`)).split('\n')
    const annotation = {
      path: 'params.yaml',
      start_line: params.findIndex((line) => line.includes('minTestImages')) + 1,
      annotation_level: 'failure',
      title: 'gate.minTestImages missed',
    }
    expect(world.github.state.checkRuns.slice(checks)).toMatchObject([
      { name: 'paddock', head_sha: commit, conclusion: 'failure', annotations: [annotation, {}, {}] },
      { name: 'paddock review', head_sha: commit, conclusion: 'success' },
    ])
    expect(results(first)).not.toHaveProperty('review')
    expect(job(second, 'review').result, second.log).toBe('success')
    expect(world.github.state.comments).toMatchObject([
      { issue: '7', body: expect.stringContaining('**Thresholds.**') },
    ])
    expect(world.github.violations).toEqual([])
    world.github.state.pulls.length = 0
  })

  it('continues a training whose worker died in the middle of an epoch on another machine', async () => {
    await world.pull(branch)
    const longer = { 'models.second.epochs': EPOCHS, 'models.second.stopping': { early: null } }
    await world.person.set({ 'gate.minTestImages': 1, ...longer })
    await world.push(branch, 'Train for longer')
    const dying = await startWorkflow(world.ground, { event: 'push', workflow: 'train.yml', branch })
    const ended = dying.done.then(() => true)
    const waitFor = async (isThere: () => Promise<boolean>) => {
      while (!(await isThere())) if (await Promise.race([ended, sleep(10, false)])) throw new Error(dying.log())
    }
    const checkpoints = async () => (await world.objects()).filter((key) => key.includes('/checkpoints/second-'))
    await waitFor(async () => {
      const files = await readdir(join(world.ground.folder, 'runner/checkpoints'), { recursive: true }).catch(() => [])
      return files.some((file) => /^second-.*epoch-.*\.checkpoint$/.test(file))
    })
    // else it may be over before its checkpoint is uploaded, which takes seconds
    for (const pid of await trainingsIn({ root: world.ground.folder })) process.kill(pid, 'SIGSTOP')
    await waitFor(async () => (await checkpoints()).length > 0)
    await dying.kill()
    await rm(join(world.ground.folder, 'runner/checkpoints'), { recursive: true }) // the next worker has another disk
    expect(dying.log()).not.toContain('second trained and evaluated')
    const before = await tip()
    const run = await train()
    expect(results(run), run.log).toEqual({ plan: 'success', 'train second': 'success', collect: 'success' })
    const [, resumed] = new RegExp(`train@second: epoch (\\d+)/${EPOCHS}:`).exec(job(run, 'train').output) ?? []
    expect(Number(resumed)).toBeGreaterThan(1)
    expect(await checkpoints()).toEqual([]) // the training is done
    const commit = await tip()
    expect(await world.git('rev-parse', `${commit}^`)).toBe(before)
    expect((await records(commit)).map(({ configuration }) => configuration)).toEqual(['first', 'second', 'second'])
    expect(world.github.state.checkRuns.at(-1)).toMatchObject({ head_sha: commit, conclusion: 'success' })
    const lock = parse(await world.git('show', `${commit}:dvc.lock`)) as { stages: Record<string, unknown> }
    expect(Object.keys(lock.stages)).toContain('train@second')
  })

  it('certifies a configuration from the remote, in a step of its own', async () => {
    const certified = await world.runStep('certify', branch, { CONFIGURATION: 'first' })
    expect(certified.exitCode, certified.output).toBe(0)
    expect(certified.output).toMatch(/^certify: first of [0-9a-f]+ is identical/m)
    expect(certified.summary).toContain('### ✅ Certify')
    const refused = await world.runStep('certify', branch, { CONFIGURATION: `first; touch ${world.trap}` })
    expect([refused.exitCode, refused.output]).toEqual([
      1,
      expect.stringContaining('ConfigError: Expected configurations'),
    ])
  })

  it.each([
    ['$(touch TRAP)', ''],
    ['first"; touch TRAP; "', ''],
    ["first' second", ''],
    ['../../etc/passwd', ''],
    ['first\n::set-output name=count::9', ''],
    ['first', '1; touch TRAP'],
  ])('refuses the input %j with the seed %j', async (configurations, seed) => {
    const inputs = {
      configurations: configurations.replace('TRAP', world.trap),
      seed: seed.replace('TRAP', world.trap),
    }
    const payload = { inputs, ref: `refs/heads/${branch}` }
    const run = await runWorkflow(world.ground, { event: 'workflow_dispatch', workflow: 'train.yml', branch, payload })
    expect(results(run), run.log).toMatchObject({ plan: 'failure' })
    expect(run.jobs.map(({ id }) => id)).not.toContain('train')
    expect(job(run, 'plan').output).toMatch(/ConfigError: Expected (configurations|SEED)/)
  })

  it('ran nothing from a branch name, a commit title or an input', () => {
    expect(world.wasTrapped()).toBe(false)
  })
})

describe.skipIf(!hasCiTools)('review.yml', () => {
  it('writes one comment, and updates it after the next push', async () => {
    world.github.reset()
    const commits = (await world.git('rev-list', `${trained}..refs/heads/${branch}`)).split('\n')
    const review = (head: string) =>
      runWorkflow(world.ground, {
        event: 'pull_request',
        workflow: 'review.yml',
        branch,
        payload: pullRequest(head, trained),
      })
    const failed = await review(commits[1] as string) // the push that has not been trained
    expect(job(failed, 'review').output).toContain('publish-review: GateError: Expected dvc.lock and results/ to match')
    expect(world.github.state.comments).toHaveLength(1)
    const [first] = structuredClone(world.github.state.comments)
    const run = await review(commits[0] as string)
    expect(results(run), run.log).toEqual({ review: 'success' })
    expect(world.github.state.comments).toHaveLength(1)
    expect(world.github.state.comments[0]?.id).toBe(first?.id)
    expect(world.github.state.comments[0]?.body).not.toBe(first?.body)
    expect(world.github.state.checkRuns.at(-1)).toMatchObject({ head_sha: commits[0], conclusion: 'success' })
    expect(world.github.violations).toEqual([])
  })

  it('sends no request and reads no file outside git for a fork', async () => {
    world.github.reset()
    const secret = await cloneCheckout()
    await secret.write('outside.yaml', 'canary: do-not-read-me\n')
    const fork = world.person
    await fork.write(
      'dvc.yaml',
      (await fork.read('dvc.yaml')).replace('  - data.dvc', `  - data.dvc\n  - ${secret.root}/outside.yaml`),
    )
    await fork.set({ 'models.first.weights': { path: `${secret.root}/outside.yaml`, sha256: '0'.repeat(64) } })
    const head = await world.push('fork', 'Name files outside')
    const payload = pullRequest(head, base, 'stranger/images')
    const run = await runWorkflow(world.ground, {
      event: 'pull_request',
      workflow: 'review.yml',
      branch: 'fork',
      payload,
    })
    await secret.remove()
    expect(world.github.exchanges).toEqual([])
    expect(run.log).not.toContain('do-not-read-me')
    expect(job(run, 'review').output).not.toBe('')
  })
})

describe.skipIf(!hasCiTools)('release.yml', () => {
  const release = (tag: string) =>
    runWorkflow(world.ground, {
      event: 'push',
      workflow: 'release.yml',
      branch,
      commit: trained,
      payload: { ref: `refs/tags/${tag}` },
    })

  it('publishes a tag with the model, its card and the page', async () => {
    world.github.reset()
    const run = await release('v1.0.0')
    expect(results(run), run.log).toEqual({ release: 'success' })
    expect(job(run, 'release').outputs.release).toContain('/releases/tag/v1.0.0')
    expect(world.github.state.releases).toMatchObject([
      {
        draft: false,
        target_commitish: trained,
        assets: [
          { name: expect.stringMatching(/^(first|second)\.tar\.gz$/) },
          { name: expect.stringMatching(/^(first|second)-onnx\.tar\.gz$/) },
          { name: 'model-card.md' },
          { name: 'index.html' },
        ],
      },
    ])
    expect(run.log).toContain('attested model-card.md')
    expect(world.github.violations).toEqual([])
  })

  it('refuses a tag that is not a version', async () => {
    world.github.reset()
    const run = await release('v1$(id)')
    expect(job(run, 'release').output).toContain('ConfigError: Expected a tag')
    expect(world.github.exchanges).toEqual([])
  })
})
