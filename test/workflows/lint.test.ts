import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Runs the command on a copy of .github. */
async function lint(folder: string) {
  const { exitCode, stdout, stderr } = await execa('node', ['commands/lint-workflows.ts', folder], { reject: false })
  return { exitCode, stdout, stderr }
}

/** From `npm run setup -- --ci-tools`. */
const hasTools = existsSync('.paddock/ci-tools/zizmor')

describe.skipIf(!hasTools)('lint-workflows', () => {
  const copy = temporaryFolder()

  it('finds nothing in the workflows', async () => {
    const result = await lint('.github')
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toMatch(/actionlint and zizmor find nothing/)
  })

  it('reports what actionlint and zizmor find in a changed one', async () => {
    await cp('.github', copy.path, { recursive: true })
    const file = join(copy.path, 'workflows/review.yml')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text
        .replace('npm run ci -- publish-review', 'echo ${{ github.head_ref }}')
        .replace('persist-credentials: false', ''),
    )
    const { exitCode, stderr } = await lint(copy.path)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('"github.head_ref" is potentially untrusted')
    expect(stderr).toContain('error[template-injection]')
    expect(stderr).toContain('[artipacked]')
    expect(stderr).toContain('Expected workflows without findings')
  })
})
