import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { annotationCommand, appendSummary, writeOutputs } from '../../src/github/job.ts'

let folder: string
let environment: { GITHUB_STEP_SUMMARY: string; GITHUB_OUTPUT: string }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-job-'))
  environment = { GITHUB_STEP_SUMMARY: join(folder, 'summary'), GITHUB_OUTPUT: join(folder, 'output') }
})
afterEach(() => rm(folder, { recursive: true }))

describe('appendSummary', () => {
  it('adds to what is there, up to 1 MiB of both together', async () => {
    await writeFile(environment.GITHUB_STEP_SUMMARY, 'before\n')
    await appendSummary(`start\n\n${'é\n\n'.repeat(500_000)}`, 'https://github.test/run', environment)
    const text = await readFile(environment.GITHUB_STEP_SUMMARY)
    expect(text.length).toBeLessThanOrEqual(2 ** 20)
    expect(text.length).toBeGreaterThan(2 ** 20 - 2000)
    expect(text.toString()).toMatch(/^before\nstart\n[\s\S]*\(https:\/\/github.test\/run\)/)
  })

  it('writes nothing where no workflow runs', async () => {
    await appendSummary('text', '', {})
    await writeOutputs({ name: 'value' }, {})
  })
})

describe('writeOutputs', () => {
  it('lets no value end before its end', async () => {
    await writeOutputs({ sha: 'a\nend\nverdict<<end\npassed\nend' }, environment)
    const [first = '', ...lines] = (await readFile(environment.GITHUB_OUTPUT, 'utf8')).trimEnd().split('\n')
    expect(first).toMatch(/^sha<<end-[0-9a-f-]{36}$/)
    expect(lines.at(-1)).toBe(first.slice('sha<<'.length))
    expect(lines.slice(0, -1).join('\n')).toBe('a\nend\nverdict<<end\npassed\nend')
  })
})

describe('annotationCommand', () => {
  it('is one line, whatever is in it', () => {
    const annotation = {
      path: 'a,b:c',
      line: 3,
      level: 'failure',
      title: '50 %\n::x',
      message: 'a\r\n::error::b',
    } as const
    expect(annotationCommand(annotation)).toBe(
      '::error file=a%2Cb%3Ac,line=3,title=50 %25%0A%3A%3Ax::a%0D%0A::error::b',
    )
  })
})
