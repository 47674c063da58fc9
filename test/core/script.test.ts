import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

function program(work: string, folder = '.'): string[] {
  const code = `import { writeFile } from 'node:fs/promises'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { DataError } from './src/core/errors.ts'
    import { isPipeBroken, runScript } from './src/core/script.ts'
    import { readParams } from './src/config/params.ts'
    import { mapByName } from './src/core/names.ts'
    import { z } from 'zod'
    process.chdir(${JSON.stringify(folder)})
    await runScript('some-stage', async () => { ${work} })`
  return ['--input-type=module', '--eval', code]
}

/** Runs a command with this code as its work, in a folder, as the stage that DVC runs. */
function run(work: string, folder?: string, stage?: string) {
  return execa('node', program(work, folder), { env: stage === undefined ? {} : { DVC_STAGE: stage }, reject: false })
}

/** The same, with a reader that closes the pipe after the first line. */
async function runBeforeHead(...given: Parameters<typeof program>) {
  const head = execa('bash', ['-c', '"$@" | head -1; exit $PIPESTATUS', 'bash', 'node', ...program(...given)], {
    reject: false,
  })
  const { exitCode, stdout, stderr } = await head
  return { exitCode, stdout, stderr }
}

const LINES = "for (let i = 1; i <= 20; i++) { console.log('line ' + i); await sleep(20) }"

describe('runScript', () => {
  const folder = temporaryFolder()

  it('prints the line that the work gives, with the time it took', async () => {
    const { exitCode, stdout } = await run("return 'done'")
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^some-stage: done \(\d+\.\d s\)$/)
  })

  it('fails where the parameters that it read are others at its end', async () => {
    const { path } = folder
    const work = (key: string) =>
      `process.chdir(${JSON.stringify(path)}); await writeFile('params.yaml', 'train: 1\\nreport: 1\\n'); await readParams({ train: z.number() }); await writeFile('params.yaml', ${JSON.stringify('train: 1\nreport: 1\n')}.replace('${key}: 1', '${key}: 2')); return 'done'`
    expect(await run(work('report'))).toMatchObject({ exitCode: 0 })
    expect(await run(work('train'))).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        'some-stage: ConfigError: Expected params.yaml not to change while this ran, received changes. The result is not kept: run the same command again.',
    })
  })

  it('sees a change inside a map by name', async () => {
    const change = `process.chdir(${JSON.stringify(folder.path)}); await writeFile('params.yaml', 'classes: { cat: 1 }'); await readParams({ classes: mapByName(z.number()) }); await writeFile('params.yaml', 'classes: { cat: 2 }'); return 'done'`
    expect(await run(change)).toMatchObject({ exitCode: 1, stdout: '' })
  })

  it('fails under DVC where a dependency of its stage is another at its end: DVC would record it as the one that ran', async () => {
    const { path } = folder
    const write = (name: string, text: string) => writeFile(join(path, name), text)
    await mkdir(join(path, 'src/core'), { recursive: true })
    await write('src/core/a.ts', '1')
    await write('dvc.yaml', 'stages:\n  fetch: # first\n    deps:\n      - src/core # code\n    outs:\n      - out\n')
    const change = (name: string) => run(`await writeFile('${name}', '22'); return 'done'`, path, 'fetch')
    expect(await change('out')).toMatchObject({ exitCode: 0 })
    expect(await change('src/core/.a.ts.swp')).toMatchObject({ exitCode: 0 })
    expect(await change('src/core/new.ts')).toMatchObject({ exitCode: 1, stdout: '' })
    expect(await change('src/core/a.ts')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        'some-stage: DataError: Expected src/core/a.ts not to change while this ran, received changes. The result is not kept: run the same command again. A training continues where it was if the change is reverted first.',
    })
  })

  it('prints one line of an expected failure, and exits with 1', async () => {
    const { exitCode, stderr } = await run("throw new DataError('Expected this, received that.')")
    expect(exitCode).toBe(1)
    expect(stderr).toBe('some-stage: DataError: Expected this, received that.')
  })

  it('reports a full disk as an expected failure', async () => {
    const { exitCode, stderr } = await run("await writeFile('/dev/full', 'x')")
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `some-stage: DataError: Expected free space on the disk of ${process.cwd()}, but it is full (ENOSPC). Free some space and run the same command again; nothing that was there before is lost.`,
    )
  })

  it('reports a failed file operation as an expected failure', async () => {
    const { exitCode, stderr } = await run("await writeFile('src', '')")
    expect(exitCode).toBe(1)
    expect(stderr).toBe('some-stage: DataError: Expected a file to open, received a folder at src. Name a file.')
  })

  it('leaves the stack of a bug', async () => {
    const { exitCode, stderr } = await run("throw new TypeError('a bug')")
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/TypeError: a bug\n +at /)
  })
})

describe('a reader that closes the pipe', () => {
  it('is no error: the command keeps its own exit code', async () => {
    const done = await runBeforeHead(`${LINES} return 'done'`)
    expect(done).toEqual({ exitCode: 0, stdout: 'line 1', stderr: '' })
    const failed = await runBeforeHead(`${LINES} throw new DataError('Expected this, received that.')`)
    expect(failed).toEqual({
      exitCode: 1,
      stdout: 'line 1',
      stderr: 'some-stage: DataError: Expected this, received that.',
    })
  })

  it('is known to work that only prints', async () => {
    const seen = await runBeforeHead(`${LINES} console.error(isPipeBroken())`)
    expect(seen).toEqual({ exitCode: 0, stdout: 'line 1', stderr: 'true' })
  })

  it('does not stop the work', async () => {
    const done = await runBeforeHead(`${LINES} console.error('written'); return 'done'`)
    expect(done).toEqual({ exitCode: 0, stdout: 'line 1', stderr: 'written' })
  })

  it('does not stop set-up', async () => {
    const code = `import { say } from './commands/setup/say.mjs'
      for (let i = 1; i <= 20; i++) { say(i); await new Promise((done) => setTimeout(done, 20)) }`
    const head = '"$@" 2>&1 | head -1; exit $PIPESTATUS'
    const { exitCode, stdout } = await execa(
      'bash',
      ['-c', head, 'bash', 'node', '--input-type=module', '--eval', code],
      { reject: false },
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'setup: 1' })
  })
})
