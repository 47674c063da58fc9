/**
 * What only the tests of the workflows need: actionlint, zizmor, act, an S3 server, GitHub's API description, a browser.
 *
 *   <cache>/ci-tools/<tool>-<version>/                     the programs, linked from .paddock/ci-tools/ of the checkout
 *   <cache>/ci-tools/octokit-openapi/api.github.com.json   the description
 *
 * The S3 server is moto's; PADDOCK_S3_SERVER=/path/to/minio has the tests use MinIO (docs/github.md).
 */
import path from 'node:path'
import { cacheFolder, makeOnce } from './cache.mjs'
import { hasChromium, makeChromium } from './chromium.mjs'
import { SetupFailure } from './failure.mjs'
import { hasDescription, makeDescription } from './github-description.mjs'
import { isLinked, makeLink } from './links.mjs'
import { run } from './run.mjs'
import { say, seconds } from './say.mjs'
import { findGo } from './tools.mjs'
import { cachedFolder, isComplete, makeVenvOnce, requirementsFile } from './venv.mjs'

/** Go programs: the module proxy and Go's checksum database hold a version to its content. */
const GO_PROGRAMS = [
  { name: 'act', source: 'github.com/nektos/act', version: '0.2.89' },
  { name: 'actionlint', source: 'github.com/rhysd/actionlint/cmd/actionlint', version: '1.7.12' },
]

const PYTHON_PROGRAMS = ['moto_server', 'zizmor']

/** Whether nothing is missing. */
export function hasCiTools(root) {
  return ciToolSteps(root).every((step) => step.isDone())
}

/** Makes what is missing, in parallel, and reports everything that failed. */
export async function makeCiTools(root, python) {
  const pending = ciToolSteps(root, python).filter((step) => !step.isDone())
  const failures = []
  const work = pending.map(async ({ what, make }) => {
    const start = performance.now()
    say(`${what} …`)
    try {
      await make()
      say(`${what} … ${seconds(start)}`)
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error
      failures.push(error.message)
      say(`${what} … failed`)
    }
  })
  await Promise.all(work)
  if (failures.length > 0) throw new SetupFailure([...new Set(failures)].join('\n'))
}

/**
 * The steps, each independent of the others: they may run at once.
 *
 * @param python finds the machine's Python when it is needed
 * @returns `{what, isDone, make}`
 */
function ciToolSteps(root, python) {
  return [
    ...GO_PROGRAMS.map((program) => goStep(root, program)),
    pythonStep(root, python),
    { what: "GitHub's API description (28 MB)", isDone: hasDescription, make: makeDescription },
    { what: 'chromium', isDone: hasChromium, make: makeChromium },
  ]
}

function goStep(root, { name, source, version }) {
  const folder = path.join(cacheFolder(), 'ci-tools', `${name}-${version}`)
  const file = path.join(folder, name)
  return {
    what: `${name} ${version}`,
    isDone: () => isLinked(linkOf(root, name), file),
    make: async () => {
      const go = findGo()
      await makeOnce(folder, (unfinished) =>
        run(go, ['install', `${source}@v${version}`], { env: { GOBIN: unfinished } }),
      )
      makeLink(linkOf(root, name), file)
    },
  }
}

function pythonStep(root, python) {
  const requirements = requirementsFile('requirements-ci.txt')
  const folder = cachedFolder('ci-tools/python', requirements)
  const programs = PYTHON_PROGRAMS.map((name) => [name, path.join(folder, 'bin', name)])
  return {
    what: 'zizmor and moto',
    isDone: () =>
      isComplete(folder, requirements) && programs.every(([name, file]) => isLinked(linkOf(root, name), file)),
    make: async () => {
      await makeVenvOnce(folder, requirements, await python())
      for (const [name, file] of programs) makeLink(linkOf(root, name), file)
    },
  }
}

function linkOf(root, name) {
  return path.join(root, '.paddock/ci-tools', name)
}
