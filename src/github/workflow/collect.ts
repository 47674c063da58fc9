import { readFile } from 'node:fs/promises'
import { loadParams } from '../../command-line/params.ts'
import { messageOf } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'
import { forgetGoneStages } from '../../dvc/forget-stages.ts'
import { readStaleness } from '../../dvc/read-staleness.ts'
import { runDvc } from '../../dvc/run.ts'
import { judge } from '../../gate/gate.ts'
import { explainMissesInMarkdown, missedError } from '../../gate/verdict.ts'
import { branchRef, commitPaths, pushCommit } from '../../git/push.ts'
import { resolveCommit } from '../../git/read.ts'
import { resultsTable } from '../../report/results-table.ts'
import { recordReveals } from '../../report/reveals.ts'
import { literal, logLine } from '../../review/literal.ts'
import { accuracy } from '../../scores/format.ts'
import { metricsOf, readScored } from '../../scores/results.ts'
import { type Check, writeCheck } from '../check.ts'
import { openGitHub } from '../client.ts'
import { appendSummary, writeOutputs } from '../job.ts'
import { gateAnnotations, gateTitle, type Judged } from './annotations.ts'
import { pushStages, runStep, StepError } from './dvc-step.ts'
import { type Environment, type Job, readConfigurations, readJob, readSeed } from './inputs.ts'
import { restoreRuns } from './restore-runs.ts'
import { applySeed } from './seed.ts'

/** What branch rules know the verdict by. */
export const CHECK_NAME = 'paddock'

/** What goes into the commit. */
const COMMITTED = [paths.dvcLock, paths.results]

/**
 * Brings every configuration back from the run cache, reports, asks the gate, and puts one commit with dvc.lock and results/ on the
 * branch, unless that moved on; then sets the check run on that commit.
 *
 * Nothing is trained here: a configuration that no worker brought is an error, and the commit that was pushed says so.
 *
 * @throws GateError after all of that, when the gate fails
 */
export async function collect(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const ref = await branchRef(environment.GITHUB_REF_NAME ?? '')
  const params = await loadParams()
  const seed = readSeed(environment.SEED)
  const pushed = await resolveCommit('HEAD')
  const isSeeded = await applySeed(readConfigurations(environment.CONFIGURATIONS, params), seed)
  const trained = (await readStaleness()).staleConfigurations
  try {
    await restoreResults()
  } catch (error) {
    if (error instanceof StepError) await reportFailure(job, pushed, messageOf(error), environment)
    throw error
  }
  const judged = await readJudged()
  await forgetGoneStages()
  const commit = await commitPaths(
    [...COMMITTED, ...(isSeeded ? [paths.params] : [])],
    messageFor(trained, judged, job),
  )
  const isThere = commit === undefined || (await pushCommit(commit, { ref, expected: pushed, ...job }))
  const sha = commit !== undefined && isThere ? commit : pushed
  const gate = judged.gate.misses.length === 0 ? 'passed' : 'failed'
  await writeOutputs({ sha, committed: commit !== undefined && isThere, moved: !isThere, gate }, environment)
  await appendSummary(summaryOf(judged, isThere), job.runUrl, environment)
  if (!isThere) return 'the branch moved on: the run of the newer push collects'
  await setCheck(job, {
    commit: sha,
    conclusion: gate === 'passed' ? 'success' : 'failure',
    title: gateTitle(judged),
    summary: summaryOf(judged, true),
    annotations: gateAnnotations(judged),
  })
  if (gate === 'failed') throw missedError(judged.gate, judged.scored, logLine)
  return `gate passed, ${commit === undefined ? 'nothing to commit' : `committed as ${sha}`}`
}

/** Everything up to the gate, without a training. */
async function restoreResults(): Promise<void> {
  const environment = { ...process.env, PADDOCK_NO_TRAINING: '1' }
  await restoreRuns(environment)
  await runStep(['repro', '--pull', 'evaluate'], environment)
  await recordReveals()
  await runStep(['repro', '--pull', 'report'], environment)
  await pushStages('report')
  const { exitCode } = await runDvc(['repro', '--pull', 'gate'], { environment })
  const { gate } = await readJudged()
  if (exitCode === 0 || gate.misses.length > 0) return
  throw new StepError(
    `Expected \`dvc repro gate\` to end well, received exit code ${exitCode}. Read what it says above.`,
    1,
  )
}

async function readJudged(): Promise<Judged> {
  const params = await loadParams()
  const scored = await readScored(Object.keys(params.models))
  return { paramsText: await readFile(paths.params, 'utf8'), scored, gate: judge(metricsOf(scored), params.gate) }
}

function messageFor(trained: readonly string[], judged: Judged, { runUrl }: Job): string {
  const subject = trained.length > 0 && trained.length <= 3 ? trained.join(', ') : `${trained.length} configurations`
  return [
    trained.length > 0 ? `Train ${subject}` : 'Bring the results up to date',
    '',
    `${gateTitle(judged)}. ${verdictOf(judged, logLine)}`,
    ...(runUrl === '' ? [] : ['', runUrl]),
    '',
  ].join('\n')
}

function summaryOf(judged: Judged, isThere: boolean): string {
  const metrics = metricsOf(judged.scored)
  return [
    `## ${judged.gate.misses.length === 0 ? '✅' : '❌'} ${gateTitle(judged)}`,
    verdictOf(judged, literal),
    ...(isThere ? [] : ['The branch moved on, so nothing was committed: the run of the newer push does that.']),
    resultsTable(metrics, judged.gate.chosen),
  ].join('\n\n')
}

function verdictOf({ gate, scored }: Judged, quote: (name: string) => string): string {
  if (gate.misses.length > 0) return explainMissesInMarkdown(gate, scored, quote)
  const { validation, test } = metricsOf(scored)[gate.chosen ?? ''] ?? {}
  if (!validation || !test) return ''
  return `${quote(gate.chosen ?? '')} reaches ${accuracy(validation)} on validation and ${accuracy(test)} on test.`
}

async function reportFailure(job: Job, commit: string, reason: string, environment: Environment): Promise<void> {
  const text = `${literal(reason)}\n\nA configuration that is not in the run cache is never trained here. Run the jobs that failed again.`
  await appendSummary(`## ❌ Results cannot be collected\n\n${text}`, job.runUrl, environment)
  const title = 'Results cannot be collected'
  await setCheck(job, { commit, conclusion: 'failure', title, summary: text, annotations: [] })
}

async function setCheck(job: Job, check: Omit<Check, 'name' | 'detailsUrl'>): Promise<void> {
  await writeCheck(openGitHub(job), { ...check, name: CHECK_NAME, detailsUrl: job.runUrl })
}
