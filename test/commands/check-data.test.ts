import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SCRIPT = resolve('commands/check-data.ts')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-check-data-'))
  await copyFile('profiles/sample.yaml', join(folder, 'params.yaml'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('check-data', () => {
  it('says how it is called', async () => {
    const { stdout, exitCode } = await checkData('--help')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('--steps N')
  })

  it('asks for a configuration before it runs anything', async () => {
    const { stdout, stderr, exitCode } = await checkData()
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^check-data: ConfigError: Expected --config NAME .* received neither\..*$/)
  })
})

function checkData(...args: string[]) {
  return execa('node', [SCRIPT, ...args], { cwd: folder, reject: false })
}
