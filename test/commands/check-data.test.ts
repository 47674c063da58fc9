import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = resolve('commands/check-data.ts')
const folder = temporaryFolder({ per: 'file' })

beforeAll(() => copyFile('profiles/sample.yaml', join(folder.path, 'params.yaml')))

describe('check-data', () => {
  it('explains its options', async () => {
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
  return execa('node', [SCRIPT, ...args], { cwd: folder.path, reject: false })
}
