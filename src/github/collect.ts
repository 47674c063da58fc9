import { readFile } from 'node:fs/promises'
import { loadParams } from '../command-line/params.ts'
import { messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readFreshness } from '../dvc/freshness.ts'
import { forgetGoneStages } from '../dvc/reproduce.ts'
import { runDvc } from '../dvc/run.ts'
import { describeChosen, explainMissesInMarkdown, missedError, type Quote, readJudged } from '../gate/verdict.ts'
import { branchRef, commitPaths, pushCommit } from '../git/push.ts'
import { resolveCommit } from '../git/read.ts'
import { recordNew } from '../records/record.ts'
import { formatResultsTable } from '../report/sections/results-table.ts'
import { literal, logLine } from '../review/literal.ts'
import { pluralize } from '../scores/format.ts'
import { metricsOf } from '../scores/results.ts'
import { gateAnnotations, type JudgedResults } from './annotations.ts'
import { type CheckRun, writeCheckRun } from './check.ts'
import { openGitHub } from './client.ts'
import { DvcError, dvc, dvcPush } from './dvc.ts'
import { applyInputs } from './inputs.ts'
import { appendSummary, type Environment, type Job, readJob, writeOutputs } from './job.ts'
import { listPullRequests } from './pulls.ts'

export const CHECK_NAME = 'paddock'

const COMMITTED_PATHS = [paths.dvcLock, paths.results, paths.trainings, paths.testEvaluations]

/**
 * Restores what the training jobs pushed, records and reports it, and puts one commit on the branch, with a check run for the gate.
 * Outputs the pull requests that the commit belongs to; the base's code reviews them in a job of its own.
 *
 * Never trains: a configuration that is missing from the run cache fails the job, with a check run on the commit that started it.
 * If the branch has moved on, nothing is pushed.
 *
 * @throws GateError after all of that, when the gate fails
 */
export async function collect(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const ref = await branchRef(environment.GITHUB_REF_NAME ?? '')
  const started = await resolveCommit('HEAD')
  const { params, seed } = await applyInputs(environment.CONFIGURATIONS, environment.SEED)
  const trained = readFreshness().staleConfigurations
  try {
    await restoreResults(Object.keys(params.models))
  } catch (error) {
    if (error instanceof DvcError) await reportFailure(job, started, messageOf(error), environment)
    throw error
  }
  const judged = { paramsText: await readFile(paths.params, 'utf8'), ...(await readJudged(await loadParams())) }
  await forgetGoneStages()
  const changed = [...COMMITTED_PATHS, ...(seed === undefined ? [] : [paths.params])]
  const commit = await commitPaths(changed, commitMessage(trained, judged, job))
  const isPushed = commit === undefined || (await pushCommit(commit, { ref, expected: started, ...job }))
  const sha = commit !== undefined && isPushed ? commit : started
  const gate = judged.gate.misses.length === 0 ? 'passed' : 'failed'
  await writeOutputs({ sha, committed: commit !== undefined && isPushed, moved: !isPushed, gate }, environment)
  await appendSummary(summaryOf(judged, isPushed), job.runUrl, environment)
  if (!isPushed) return 'nothing pushed: the branch has moved on, and the run of the newer push collects its results'
  await writeCheck(job, {
    commit: sha,
    conclusion: gate === 'passed' ? 'success' : 'failure',
    title: gateTitle(judged),
    summary: summaryOf(judged, true),
    annotations: gateAnnotations(judged),
  })
  const pulls =
    commit === undefined ? [] : await listPullRequests(openGitHub(job), environment.GITHUB_REF_NAME ?? '', sha)
  await writeOutputs({ pulls: JSON.stringify(pulls) }, environment)
  if (gate === 'failed') throw missedError(judged.gate, judged.scored, logLine)
  return `gate passed, ${commit === undefined ? 'nothing to commit' : `committed as ${sha}`}`
}

/** Runs the pipeline without training. @throws DvcError when a stage other than the gate fails */
async function restoreResults(configurations: readonly string[]): Promise<void> {
  const environment = { ...process.env, PADDOCK_NO_TRAINING: '1' }
  await dvc(['repro', '--pull', 'evaluate'], environment)
  const recorded = await recordNew(configurations)
  if (recorded !== undefined) console.log(recorded)
  await dvc(['repro', '--pull', '--single-item', 'report'], environment)
  await dvcPush('report')
  const { exitCode } = await runDvc(['repro', '--single-item', 'gate'], { environment })
  if (exitCode === 0 || (await readJudged(await loadParams())).gate.misses.length > 0) return
  throw new DvcError(`\`dvc repro gate\` failed with exit code ${exitCode}. Its output is above.`, 1)
}

function gateTitle({ gate }: JudgedResults): string {
  const outcome = gate.misses.length === 0 ? 'Gate passed' : `Gate failed: ${pluralize(gate.misses.length, 'reason')}`
  return `${outcome} (by the thresholds of this commit)`
}

function commitMessage(trained: readonly string[], judged: JudgedResults, { runUrl }: Job): string {
  const subject = trained.length > 0 && trained.length <= 3 ? trained.join(', ') : `${trained.length} configurations`
  return [
    trained.length > 0 ? `Train ${subject}` : 'Update the results',
    '',
    `${gateTitle(judged)}. ${explainVerdict(judged, logLine)}`,
    ...(runUrl === '' ? [] : ['', runUrl]),
    '',
  ].join('\n')
}

function summaryOf(judged: JudgedResults, isPushed: boolean): string {
  return [
    `## ${judged.gate.misses.length === 0 ? '✅' : '❌'} ${gateTitle(judged)}`,
    explainVerdict(judged, literal),
    ...(isPushed
      ? []
      : ['Nothing was pushed: the branch has moved on, and the run of the newer push collects its results.']),
    formatResultsTable(metricsOf(judged.scored), judged.gate.chosen),
  ].join('\n\n')
}

function explainVerdict({ gate, scored }: JudgedResults, quote: Quote): string {
  if (gate.misses.length > 0) return explainMissesInMarkdown(gate, scored, quote)
  return `${describeChosen(gate, scored, quote)}.`
}

async function reportFailure(job: Job, commit: string, reason: string, environment: Environment): Promise<void> {
  const title = 'The results cannot be collected'
  const summary = `${literal(reason)}\n\nThis job never trains. If a configuration is missing from the run cache, re-run the failed training jobs.`
  await appendSummary(`## ❌ ${title}\n\n${summary}`, job.runUrl, environment)
  await writeCheck(job, { commit, conclusion: 'failure', title, summary, annotations: [] })
}

async function writeCheck(job: Job, check: Omit<CheckRun, 'name' | 'detailsUrl'>): Promise<void> {
  await writeCheckRun(openGitHub(job), { ...check, name: CHECK_NAME, detailsUrl: job.runUrl })
}
