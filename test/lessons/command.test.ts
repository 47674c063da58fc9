import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveLesson, LESSONS, type LessonName } from '../../lessons/give.ts'

const SCRIPT = resolve('commands/lesson.ts')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-lesson-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('lesson', () => {
  it('prints what was learned and writes the image', async () => {
    const { stdout, exitCode } = await lesson('regression')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^lesson: artifacts\/lessons\/regression\.svg \(\d+\.\d s\)$/m)
    expect(await readFile(join(folder, 'artifacts/lessons/regression.svg'), 'utf8')).toContain('at 10 it says 21.06')
  })

  it('names the lessons when it is asked', async () => {
    const { stdout, exitCode } = await lesson('--help')
    expect(exitCode).toBe(0)
    for (const name of ['regression', 'xor', 'learning-rate', 'overfitting']) expect(stdout).toContain(`  ${name} `)
  })

  it.each([[[]], [['linear']]])('ends with one line that names the lessons for %j', async (words) => {
    const { stderr, exitCode } = await lesson(...words)
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `lesson: ConfigError: Expected a lesson, one of regression, xor, learning-rate, overfitting, received ${words[0] ?? 'nothing'}. See --help for what they are.`,
    )
  })
})

describe('giveLesson', () => {
  it.each(Object.keys(LESSONS) as LessonName[])('gives %s in under ten seconds of processor time', async (name) => {
    const before = process.cpuUsage()
    const path = join(folder, `${name}.svg`)
    const text = await giveLesson(name, path)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(10)
    expect(text.split('\n').length).toBeLessThan(10)
    const { width = 0, height = 0 } = await sharp(path).metadata()
    expect(width).toBeGreaterThan(800)
    expect(width).toBeLessThan(1400)
    expect(height).toBeGreaterThan(350)
    expect(await readFile(path, 'utf8')).not.toMatch(/NaN|undefined/)
  })
})

function lesson(...words: string[]) {
  return execa('node', [SCRIPT, ...words], { cwd: folder, reject: false })
}
