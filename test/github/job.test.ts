import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appendSummary, readJob, writeOutputs } from '../../src/github/job.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const environment = () => ({
  GITHUB_STEP_SUMMARY: join(folder.path, 'summary'),
  GITHUB_OUTPUT: join(folder.path, 'output'),
})

describe('readJob', () => {
  it('builds the URL of the run, and accepts only URLs and names', () => {
    const variables = { GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '7', GITHUB_SERVER_URL: 'https://git.test/' }
    expect(readJob(variables)).toMatchObject({
      runUrl: 'https://git.test/a/b/actions/runs/7',
      author: 'github-actions[bot]',
    })
    for (const wrong of [
      {},
      { GITHUB_REPOSITORY: '../../x' },
      { ...variables, GITHUB_API_URL: 'file:///etc' },
      { ...variables, GITHUB_RUN_ID: '7)' },
    ]) {
      expect(() => readJob(wrong)).toThrow(/^Expected the environment of a workflow, received: [^\n]*$/)
    }
  })
})

describe('appendSummary', () => {
  it('appends to the summary, up to 1 MiB in total', async () => {
    await writeFile(environment().GITHUB_STEP_SUMMARY, 'before\n')
    await appendSummary(`start\n\n${`${'é'.repeat(100)}\n\n`.repeat(10_000)}`, 'https://github.test/run', environment())
    const text = await readFile(environment().GITHUB_STEP_SUMMARY)
    expect(text.length).toBeLessThanOrEqual(2 ** 20)
    expect(text.length).toBeGreaterThan(2 ** 20 - 2000)
    expect(text.toString()).toMatch(/^before\nstart\n[\s\S]*\(https:\/\/github.test\/run\)/)
  })

  it('writes nothing outside a workflow', async () => {
    await appendSummary('text', '', {})
    await writeOutputs({ name: 'value' }, {})
  })
})

describe('writeOutputs', () => {
  it('keeps a value together that tries to end early', async () => {
    await writeOutputs({ sha: 'a\nend\nverdict<<end\npassed\nend' }, environment())
    const [first = '', ...lines] = (await readFile(environment().GITHUB_OUTPUT, 'utf8')).trimEnd().split('\n')
    expect(first).toMatch(/^sha<<end-[0-9a-f-]{36}$/)
    expect(lines.at(-1)).toBe(first.slice('sha<<'.length))
    expect(lines.slice(0, -1).join('\n')).toBe('a\nend\nverdict<<end\npassed\nend')
  })
})
