import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SCRIPT = resolve('commands/predict.ts')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-predict-'))
  await copyFile('profiles/sample.yaml', join(folder, 'params.yaml'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('predict --checkpoint', () => {
  it('says which images the training would need, where none were packed', async () => {
    const { stderr, exitCode } = await predict('photo.jpg', '--config', 'original-zero', '--checkpoint', 'last')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^predict: DataError: Expected packed images at artifacts\/augment\/\w+\.(npy|csv), received: ENOENT.* Run `npm run repro`, whose stage augment writes it\.$/,
    )
  })
})

function predict(...args: string[]) {
  return execa(process.execPath, [SCRIPT, ...args], { cwd: folder, reject: false })
}
