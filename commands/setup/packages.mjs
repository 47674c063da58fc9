/** The npm packages, as package-lock.json pins them. */
import { existsSync, lstatSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { digestOf } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { run } from './run.mjs'
import { timed } from './say.mjs'
import { onPath } from './tools.mjs'

const STAMP = 'node_modules/.paddock-setup'

/** Whether node_modules is what package-lock.json asks for, be it by our stamp or by npm's own record. */
export function hasPackages(root) {
  const stamp = path.join(root, STAMP)
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lockDigest(root)
  return matchesLock(root)
}

/** Runs `npm ci`, which starts by deleting node_modules and our stamp with it. */
export async function installPackages(root) {
  const folder = path.join(root, 'node_modules')
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) {
    throw new SetupFailure(
      `Expected node_modules to match package-lock.json, received a link to ${readlinkSync(folder)}, which does not. ` +
        'Remove the link, or install there.',
    )
  }
  const [program, ...args] = npmCommand()
  await timed('npm packages', () => run(program, [...args, 'ci', '--no-audit', '--no-fund'], { cwd: root }))
  writeFileSync(path.join(root, STAMP), lockDigest(root))
}

function lockDigest(root) {
  return digestOf(...['package-lock.json', '.npmrc'].map((file) => readFileSync(path.join(root, file), 'utf8')))
}

/** Compares with the record that npm leaves when an installation is complete; optional packages may be absent. */
function matchesLock(root) {
  const record = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const { '': _checkout, ...wanted } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  const same = ([name, { version }]) => installed[name]?.version === version
  return (
    Object.entries(wanted).every((entry) => same(entry) || (entry[1].optional && !installed[entry[0]])) &&
    Object.keys(installed).every((name) => name in wanted)
  )
}

/** The npm that runs this script, else npm on PATH. */
function npmCommand() {
  const { npm_execpath: script } = process.env
  if (script?.endsWith('npm-cli.js')) return [process.execPath, script]
  const npm = onPath('npm')
  if (npm !== undefined) return [npm]
  throw new SetupFailure('Expected npm, received none on PATH. Install npm (Debian, Ubuntu) or nodejs-npm (Fedora).')
}
