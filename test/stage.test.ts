import { execa } from 'execa'
import { describe, expect, it } from 'vitest'

/** What a command comes to whose work is this code. */
function run(work: string) {
  const program = `import { writeFile } from 'node:fs/promises'
    import { DataError } from './src/core/errors.ts'
    import { runCommand } from './src/stage.ts'
    await runCommand('some-stage', async () => { ${work} })`
  return execa('node', ['--import', 'tsx', '--input-type=module', '--eval', program], { reject: false })
}

describe('runCommand', () => {
  it('prints the line that the work gives, with the time it took', async () => {
    const { exitCode, stdout } = await run("return 'done'")
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^some-stage: done \(\d+\.\d s\)$/)
  })

  it('prints one line of an expected failure, and exits with 1', async () => {
    const { exitCode, stderr } = await run("throw new DataError('Expected this, received that.')")
    expect(exitCode).toBe(1)
    expect(stderr).toBe('some-stage: DataError: Expected this, received that.')
  })

  it('takes a disk that is full for an expected failure', async () => {
    const { exitCode, stderr } = await run("await writeFile('/dev/full', 'x')")
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `some-stage: DataError: Expected room on the disk of ${process.cwd()}, received: it is full (ENOSPC). Make room there and run the same command again; what was there before is whole.`,
    )
  })

  it('leaves the stack of a bug', async () => {
    const { exitCode, stderr } = await run("throw new TypeError('a bug')")
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/TypeError: a bug\n +at /)
  })
})
