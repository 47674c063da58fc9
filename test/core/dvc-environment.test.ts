import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dvcEnvironment } from '../../src/core/dvc-environment.ts'

describe('dvcEnvironment', () => {
  it("puts .venv's programs and the running Node first on PATH", () => {
    const { PATH } = dvcEnvironment({ PATH: '/bin' })
    expect(PATH).toBe(`${resolve('.venv/bin')}:${resolve(process.execPath, '..')}:/bin`)
  })

  it('gives libuv more threads than there are processors, or as many as the user says', () => {
    expect(Number(dvcEnvironment({}).UV_THREADPOOL_SIZE)).toBeGreaterThan(Math.max(3, availableParallelism()))
    expect(dvcEnvironment({ UV_THREADPOOL_SIZE: '1' }).UV_THREADPOOL_SIZE).toBe('1')
  })
})
