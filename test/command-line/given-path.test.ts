import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { givenPath, shownPath, standingFolder } from '../../src/command-line/given-path.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = resolve('commands/predict.ts')
const npm = {
  INIT_CWD: resolve('docs'),
  npm_package_json: resolve('package.json'),
  npm_lifecycle_script: 'exec pipeline/node commands/predict.ts',
}

describe('standingFolder', () => {
  it('is where npm was started, if it started this very script', () => {
    expect(standingFolder(npm, SCRIPT)).toBe(resolve('docs'))
    expect(standingFolder({}, SCRIPT)).toBe(process.cwd())
    expect(standingFolder({ ...npm, npm_lifecycle_script: 'vitest run' }, SCRIPT)).toBe(process.cwd())
    expect(standingFolder({ ...npm, npm_package_json: '/other/package.json' }, SCRIPT)).toBe(process.cwd())
  })
})

describe('givenPath', () => {
  it('is from the root, and shown as it was given', () => {
    const standing = resolve('docs')
    for (const [given, path] of [
      ['a.jpg', 'docs/a.jpg'],
      ['../data', 'data'],
      ['..', '.'],
      ['/photos/a.jpg', '/photos/a.jpg'],
    ] as const) {
      expect(givenPath(given, standing)).toBe(path)
      expect(shownPath(path, standing)).toBe(given)
    }
    expect(givenPath('./a.jpg', process.cwd())).toBe('./a.jpg')
  })
})

const folder = temporaryFolder()

describe('npm in a subfolder', () => {
  it('names a folder there', async () => {
    for (const link of ['node_modules', 'src', 'pipeline']) await symlink(resolve(link), join(folder.path, link))
    for (const path of ['package.json', 'commands/predict.ts']) await cp(path, join(folder.path, path))
    await cp('profiles/sample.yaml', join(folder.path, 'params.yaml'))
    await mkdir(join(folder.path, 'mine/photos'), { recursive: true })
    await writeFile(join(folder.path, 'mine/photos/notes.txt'), '')
    const args = ['run', 'predict', '--', 'photos']
    const { stderr, exitCode } = await execa('npm', args, { cwd: join(folder.path, 'mine'), reject: false })
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      'predict: photos: skipped 1 file without an image extension: notes.txt\npredict: ConfigError: Expected an image or a folder of images, received none in photos. Name them: npm run predict -- photo.jpg',
    )
  })
})
