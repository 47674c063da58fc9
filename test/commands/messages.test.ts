import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder({ per: 'file' })
beforeAll(() => copyFile('profiles/sample.yaml', join(folder.path, 'params.yaml')))

/** Runs a command where there are parameters and nothing else. */
function run(command: string, ...args: string[]) {
  return execa('node', [resolve(`commands/${command}.ts`), ...args], { cwd: folder.path, reject: false })
}

describe('a command that cannot do what it was asked for', () => {
  it.each([
    ['check-data', '', /^check-data: ConfigError: Expected --config NAME .* received neither\..*$/],
    ['summary', '-m resnet -t zero', /^summary: ConfigError: Expected --config NAME .*received -m resnet -t zero.*$/],
    [
      'predict',
      'photo.jpg --config original-zero --checkpoint last',
      /^predict: DataError: Expected packed images at artifacts\/augment\/\w+\.(npy|csv), received: nothing at .* Run `npm run repro`: its stage augment writes them\.$/,
    ],
  ])('ends with one line and 1: %s %s', async (command, args, message) => {
    const { stdout, stderr, exitCode } = await run(command, ...args.split(' ').filter((word) => word !== ''))
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)])
  })
})

describe('summary', () => {
  it('prints the network of the study before there is an image', async () => {
    const { stdout, exitCode } = await run('summary', '-m', 'original', '-t', 'zero')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Model: "original-zero, 112 px, 3 classes"')
    expect(stdout).toMatch(/^conv2d_5 \(Conv2D\) +\[\[null,\d+,\d+,64\]\] +\[null,1,1,64\] +36928$/m)
    // 134,368 in convolutions, 64 * 516 + 516, 516 * 256 + 256, 256 * 3 + 3
    expect(stdout).toContain('Total params: 301031')
  })

  it('takes the number of classes from the split', async () => {
    await mkdir(join(folder.path, 'artifacts/split'), { recursive: true })
    await writeFile(join(folder.path, 'artifacts/split/split.csv'), 'id,label,part\na,cat,train\nb,dog,train\n')
    const { stdout } = await run('summary', '--config', 'mobilenet025-zero')
    expect(stdout).toMatch(/^classification \(Dense\) +\[\[null,256\]\] +\[null,2\] +514$/m) // 256 * 2 + 2
  })
})
