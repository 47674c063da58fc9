/** How git merges the files that .gitattributes names: dvc.lock by stage; of results/, which `npm run repro` writes again, it keeps ours. */
import { spawnSync } from 'node:child_process'

const NONE_FOUND = 1 // exit code of git config

const DRIVERS = {
  'merge.paddock-lock.name': 'dvc.lock, stage by stage',
  'merge.paddock-lock.driver': 'pipeline/node commands/merge-lock.ts %O %A %B',
  'merge.paddock-results.name': 'results/, which npm run repro writes again',
  'merge.paddock-results.driver': 'true',
}

/** Whether git knows them; true without a repository. */
export function hasMergeDrivers(root) {
  const { status, stdout } = git(root, '--get-regexp', String.raw`^merge\.paddock-`)
  if (status !== 0 && status !== NONE_FOUND) return true
  const lines = stdout.split('\n')
  return Object.entries(DRIVERS).every(([key, value]) => lines.includes(`${key} ${value}`))
}

export function makeMergeDrivers(root) {
  for (const [key, value] of Object.entries(DRIVERS)) git(root, key, value)
}

function git(root, ...args) {
  return spawnSync('git', ['config', '--local', ...args], { cwd: root, encoding: 'utf8' })
}
