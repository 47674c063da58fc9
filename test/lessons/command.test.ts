import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { LESSONS, type LessonName, runLesson } from '../../lessons/lessons.ts'
import { rasterize } from '../support/svg.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = resolve('commands/lesson.ts')
const folder = temporaryFolder({ per: 'file' })

describe('lesson', () => {
  it('prints what was learned and writes the figure', async () => {
    const { stdout, exitCode } = await lesson('regression')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^lesson: artifacts\/lessons\/regression\.svg \(\d+\.\d s\)$/m)
    expect(await readFile(join(folder.path, 'artifacts/lessons/regression.svg'), 'utf8')).toContain(
      'predicted at 10: 21.06',
    )
  })

  it('prints it in Japanese with --lang ja', async () => {
    const { stdout, exitCode } = await lesson('regression', '--lang', 'ja')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('  1点ずつ、250ステップ    w 2.0142   b 0.9204   x = 10 での予測: 21.06')
    expect(await readFile(join(folder.path, 'artifacts/lessons/regression.svg'), 'utf8')).toContain('学習した直線')
  })

  it('fails with one line for a language that there is not', async () => {
    const { stderr, exitCode } = await lesson('regression', '--lang', 'fr')
    expect(exitCode).toBe(1)
    expect(stderr).toBe('lesson: ConfigError: Expected --lang to be one of en, ja, received fr.')
  })

  it('lists the lessons with --help', async () => {
    const { stdout, exitCode } = await lesson('--help')
    expect(exitCode).toBe(0)
    for (const name of ['regression', 'xor', 'learning-rate', 'overfitting']) expect(stdout).toContain(`  ${name} `)
  })

  it.each([[[]], [['linear']]])('fails with one line that lists the lessons for %j', async (words) => {
    const { stderr, exitCode } = await lesson(...words)
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `lesson: ConfigError: Expected a lesson, one of regression, xor, learning-rate, overfitting, received ${words[0] ?? 'nothing'}. Run \`npm run lesson -- --help\` for what they are about.`,
    )
  })
})

describe('runLesson', () => {
  it.each(Object.keys(LESSONS) as LessonName[])('runs %s in under ten seconds of processor time', async (name) => {
    const before = process.cpuUsage()
    const path = join(folder.path, `${name}.svg`)
    const text = await runLesson(name, path)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(10)
    expect(text.split('\n').length).toBeLessThan(10)
    const { width = 0, height = 0 } = await sharp(await rasterize(await readFile(path))).metadata()
    expect(width).toBeGreaterThan(800)
    expect(width).toBeLessThan(1400)
    expect(height).toBeGreaterThan(350)
    expect(await readFile(path, 'utf8')).not.toMatch(/NaN|undefined/)
  })
})

function lesson(...words: string[]) {
  return execa('node', [SCRIPT, ...words], { cwd: folder.path, reject: false })
}
