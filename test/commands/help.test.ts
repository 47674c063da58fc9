import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { execa } from 'execa'
import pMap from 'p-map'
import { describe, expect, it } from 'vitest'

/** What a terminal, or the window of an editor, is wide. */
const COLUMNS = 80

describe('--help', async () => {
  const files = (await readdir('commands')).filter((name) => /\.(ts|mjs)$/.test(name))
  const commands = files.filter((name) => name !== 'dvc.ts') // hands on its arguments
  const scripts = [...commands.map((name) => `commands/${name}`), 'bench/run.ts', 'bench/parity/run.ts']
  const said = await pMap(
    scripts,
    async (script) => ({
      script,
      ...(await execa('node', [script, '--help'], { reject: false })),
    }),
    { concurrency: availableParallelism() },
  )

  it.each(said)(
    'of $script names its usage and ends with 0, without doing anything',
    ({ exitCode, stdout, stderr }) => {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout).toMatch(/^usage: npm (run |start)/m)
      expect(stdout).not.toMatch(/\(\d+\.\d s\)$/)
    },
  )

  it.each(said)('of $script fits a terminal', ({ stdout }) => {
    expect(stdout.split('\n').filter((line) => line.length > COLUMNS)).toEqual([])
  })

  it.each([
    ['check-data', '--steps N'],
    ['summary', '-m ARCHITECTURE'],
  ])('of %s explains %s', (command, option) => {
    expect(said.find(({ script }) => script === `commands/${command}.ts`)?.stdout).toContain(option)
  })
})
