/** The npm packages, as package-lock.json pins them. */
import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { SetupFailure } from './failure.mjs'
import { run } from './run.mjs'
import { timed } from './say.mjs'
import { onPath } from './tools.mjs'

/** The Node that runs stages and commands. */
const PINNED_NODE = `node_modules/node-linux-${process.arch}`

/** The file that npm leaves in node_modules when an installation is complete. */
const RECORD = 'node_modules/.package-lock.json'

/** Whether npm's record matches package-lock.json. Optional packages, those of other platforms, may be absent; Node must not. */
export function hasPackages(root) {
  if (!existsSync(path.join(root, RECORD))) return false
  const installed = readPackages(path.join(root, RECORD))
  const { '': _checkout, ...wanted } = readPackages(path.join(root, 'package-lock.json'))
  const isInstalled = ([name, { version, integrity, optional }]) =>
    name in installed
      ? installed[name].version === version && installed[name].integrity === integrity
      : optional && name !== PINNED_NODE
  return Object.entries(wanted).every(isInstalled) && Object.keys(installed).every((name) => name in wanted)
}

/** Runs `npm ci`. The record is removed first, so node_modules never counts as complete while npm empties it. */
export async function installPackages(root) {
  const folder = path.join(root, 'node_modules')
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) {
    throw new SetupFailure(
      `Expected node_modules to match package-lock.json, received a link to ${readlinkSync(folder)}, which does not.`,
      'Remove the link, or install there.',
    )
  }
  const [program, ...args] = npmCommand()
  const ci = (...more) =>
    run(program, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error', ...more], { cwd: root })
  rmSync(path.join(root, RECORD), { force: true })
  await timed('npm packages', () =>
    // npm's cache first (190 MB); its list of versions may be older than a pinned one
    ci('--prefer-offline').catch((error) => {
      if (!error.message.includes('ETARGET')) throw error
      return ci()
    }),
  )
  if (hasPackages(root)) return
  throw new SetupFailure(
    `Expected npm to install every package of package-lock.json, ${path.basename(PINNED_NODE)} included.`,
    'Remove `omit` and `include` from the configuration of npm (`npm config list`).',
  )
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** The npm that runs this script, else npm on PATH. */
export function npmCommand() {
  const { npm_execpath: script } = process.env
  if (script?.endsWith('npm-cli.js')) return [process.execPath, script]
  const npm = onPath('npm')
  if (npm !== undefined) return [npm]
  throw new SetupFailure('Expected npm, received none on PATH.', 'Install npm (Debian, Ubuntu) or nodejs-npm (Fedora).')
}
