import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SCRIPT = resolve('commands/predict.ts')
const TSX = createRequire(import.meta.url).resolve('tsx')
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
  return execa(process.execPath, ['--import', TSX, SCRIPT, ...args], { cwd: folder, reject: false })
}
