/** GitHub's published description of its API, out of the npm package that carries it: 13 MB of 385. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, makeOnce } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { npmCommand } from './packages.mjs'
import { run } from './run.mjs'

const PACKAGE = '@octokit/openapi'
const VERSION = '23.0.2'
const SHA512 = 'pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=='
const MEMBER = 'package/generated/api.github.com.json'

export function hasDescription() {
  return existsSync(path.join(descriptionFolder(), path.basename(MEMBER)))
}

/** Downloads the package with the npm that the user configured, and keeps the one file. */
export async function makeDescription() {
  await makeOnce(descriptionFolder(), async (unfinished) => {
    const [npm, ...args] = npmCommand()
    const file = (await run(npm, [...args, 'pack', `${PACKAGE}@${VERSION}`, '--silent'], { cwd: unfinished })).trim()
    const archive = path.join(unfinished, path.basename(file))
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64')
    if (sha512 !== SHA512) {
      throw new SetupFailure(
        `Expected ${PACKAGE} ${VERSION} with SHA-512 ${SHA512}, received ${sha512}.`,
        'Look at the registry.',
      )
    }
    await run('tar', ['-xzf', archive, '-C', unfinished, '--strip-components=2', '--no-same-owner', MEMBER])
    rmSync(archive)
  })
}

function descriptionFolder() {
  return path.join(cacheFolder(), 'ci-tools/octokit-openapi')
}
