import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The command on a copy of .github, in which one workflow was changed. */
async function lint(folder: string) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, ['commands/lint-workflows.ts', folder], {
    reject: false,
  })
  return { exitCode, stdout, stderr }
}

/** CI installs them first; elsewhere it is `npm run setup -- --ci-tools`. */
const hasTools = existsSync('.paddock/ci-tools/zizmor')

describe.skipIf(!hasTools)('lint-workflows', () => {
  let copy: string
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'paddock-lint-'))
  })
  afterAll(() => rm(copy, { recursive: true }))

  it('finds nothing in the workflows', async () => {
    const result = await lint('.github')
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toMatch(/actionlint and zizmor find nothing/)
  })

  it('says what actionlint and what zizmor find in a worse one', async () => {
    await cp('.github', copy, { recursive: true })
    const file = join(copy, 'workflows/review.yml')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text
        .replace('npm run ci -- publish-review', 'echo ${{ github.head_ref }}')
        .replace('persist-credentials: false', ''),
    )
    const { exitCode, stderr } = await lint(copy)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('"github.head_ref" is potentially untrusted')
    expect(stderr).toContain('error[template-injection]')
    expect(stderr).toContain('[artipacked]')
    expect(stderr).toContain('Expected workflows without findings')
  })
})
