import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { IN_FRESH_CLONE, SERVED } from './support/documented-commands.ts'
import { freePort } from './support/s3.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

/** A clone of what is committed, with the user's cache but nothing installed; checkpoints of its own. */
const folder = temporaryFolder({ per: 'file' })
/** The configuration that the committed results choose. */
let chosen: string | undefined
/** What the first `npm start` left. */
let first: Awaited<ReturnType<typeof npm>>

beforeAll(async () => {
  await execa('git', ['clone', '--quiet', process.cwd(), folder.path])
  const results = await readFile(join(folder.path, 'results/README.md'), 'utf8')
  chosen = /^\*\*Gate passed\.\*\* `(.+?)`/m.exec(results)?.[1]
})

/** Runs npm as a person would. */
const npm = (...args: string[]) => run('npm', args)

/** Runs a program in the clone without what the test runner put into the environment, and without a display. */
function start(program: string, args: readonly string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|npm_(lifecycle|package|command))/.test(name),
    ),
  )
  const options = {
    cwd: folder.path,
    env: { ...env, DISPLAY: '', WAYLAND_DISPLAY: '', PADDOCK_CHECKPOINTS: join(folder.path, '.paddock/checkpoints') },
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  } as const
  return execa(program, args, options)
}

async function run(program: string, args: readonly string[]) {
  const { exitCode, all } = await start(program, args)
  return { exitCode, output: all }
}

/** The files that differ from the commit. */
async function changes(): Promise<string> {
  const { stdout } = await execa('git', ['status', '--porcelain'], { cwd: folder.path })
  return stdout
}

describe('a fresh clone', () => {
  it('sets itself up, trains the sample, passes the gate and leaves git clean with `npm start`', async () => {
    first = await npm('start')
    const { exitCode, output } = first
    expect(output).toContain(`start: gate passed: ${chosen}, validation `)
    expect(output?.match(/^ {2}npm run (open|predict|use) /gm)).toHaveLength(3)
    expect(exitCode).toBe(0)
    expect(await readdir(join(folder.path, '.paddock/checkpoints')).catch(() => [])).toEqual([])
    expect(await changes()).toBe('')
  })

  it('does nothing the second time, and says so', async () => {
    const { exitCode, output } = await npm('start')
    expect(await changes()).toBe('')
    expect(output).toContain('setup: up to date')
    expect(output).toContain('everything is up to date')
    expect(output).not.toContain('Running stage')
    expect(output).toContain(`start: gate passed: ${chosen}, validation `)
    expect(exitCode).toBe(0)
  })

  it('prints the lines that README.md shows, but for the times', async () => {
    const readme = await readFile(join(folder.path, 'README.md'), 'utf8')
    const shown = readme.split('```')[3]?.trim().split('\n') ?? []
    expect(shown).toHaveLength(5)
    const withoutTime = (text: string) => text.replaceAll(/ \(\d+\.\d s\)$/gm, '')
    for (const line of shown) expect(withoutTime(first.output).split('\n')).toContain(withoutTime(line))
  })

  it('says what predict, summary and metrics show', async () => {
    const outputs = [
      await npm('run', 'predict', '--', 'data/test/horse/0001.png'),
      await npm('run', 'summary', '--', '--config', 'mobilenet025-zero'),
      await npm('run', 'dvc', '--', 'metrics', 'show'),
    ]
    expect(outputs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(outputs[0]?.output).toContain('data/test/horse/0001.png: horse')
    expect(outputs[1]?.output).toContain('Total params: 219315')
    const metrics = outputs[2]?.output ?? ''
    expect(metrics).toMatch(/^artifacts\/train\/original-zero\/scores\.json +0\.98889 +0\.98889 +-$/m)
    expect(Math.max(...metrics.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  })

  it('runs what the documents show', async () => {
    await cp(join(folder.path, 'data/test/horse/0001.png'), join(folder.path, 'photo.jpg'))
    await cp(join(folder.path, 'data/test/cat'), join(folder.path, 'folder'), { recursive: true })
    await execa('git', ['branch', '--force', 'main'], { cwd: folder.path, reject: false }) // refused where main is checked out
    for (const command of IN_FRESH_CLONE) {
      const { exitCode, output } = await run('bash', ['-c', `yes | ${command}`]) // gc asks
      expect(exitCode, `${command}\n${output}`).toBe(0)
    }
    expect(await readdir(join(folder.path, 'my-model'))).toContain('onnx')
  })

  it('answers over HTTP as the documents show', async () => {
    const port = await freePort()
    const [serve, ...questions] = SERVED.map((command) => command.replace('8080', String(port)))
    const server = start('bash', ['-c', `exec ${serve}`])
    const answers = []
    for (const question of questions) {
      const patient = question.replace('curl', 'curl --silent --fail --retry 60 --retry-delay 1 --retry-connrefused')
      answers.push((await run('bash', ['-c', patient])).output)
    }
    server.kill('SIGTERM')
    await server
    expect(JSON.parse(answers[0] ?? '')).toMatchObject({ label: 'horse', config: chosen })
    expect(JSON.parse(answers[1] ?? '')).toMatchObject({ config: chosen })
  })
})
