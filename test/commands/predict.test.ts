import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = resolve('commands/predict.ts')
const folder = temporaryFolder({ per: 'file' })
beforeAll(() => copyFile('profiles/sample.yaml', join(folder.path, 'params.yaml')))

describe('predict --checkpoint', () => {
  it('says which images the training would need, where none were packed', async () => {
    const { stderr, exitCode } = await predict('photo.jpg', '--config', 'original-zero', '--checkpoint', 'last')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^predict: DataError: Expected packed images at artifacts\/augment\/\w+\.(npy|csv), received: ENOENT.* Run `npm run repro`: its stage augment writes them\.$/,
    )
  })
})

function predict(...args: string[]) {
  return execa(process.execPath, [SCRIPT, ...args], { cwd: folder.path, reject: false })
}
