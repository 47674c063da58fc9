import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = resolve('commands/summary.ts')
const folder = temporaryFolder({ per: 'file' })
beforeAll(() => copyFile('profiles/sample.yaml', join(folder.path, 'params.yaml')))

describe('summary', () => {
  it('prints the network of the study before there is an image', async () => {
    const { stdout, exitCode } = await summary('-m', 'original', '-t', 'zero')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Model: "original-zero, 128 px, 3 classes"')
    expect(stdout).toMatch(/^conv2d_5 \(Conv2D\) +\[\[null,\d+,\d+,64\]\] +\[null,2,2,64\] +36928$/m)
    // 134,368 in convolutions, 256 * 516 + 516, 516 * 256 + 256, 256 * 3 + 3
    expect(stdout).toContain('Total params: 400103')
  })

  it('takes the number of classes from the split', async () => {
    await mkdir(join(folder.path, 'artifacts/split'), { recursive: true })
    await writeFile(join(folder.path, 'artifacts/split/split.csv'), 'id,label,part\na,cat,train\nb,dog,train\n')
    const { stdout } = await summary('--config', 'mobilenet025-zero')
    expect(stdout).toMatch(/^classification \(Dense\) +\[\[null,256\]\] +\[null,2\] +514$/m) // 256 * 2 + 2
  })

  it('says how it is called', async () => {
    expect((await summary('--help')).stdout).toContain('-m ARCHITECTURE')
  })

  it('ends with one line and 1 where no entry is like that', async () => {
    const { stderr, exitCode } = await summary('-m', 'resnet', '-t', 'zero')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^summary: ConfigError: Expected --config NAME .*received -m resnet -t zero.*$/)
  })
})

function summary(...args: string[]) {
  return execa('node', [SCRIPT, ...args], { cwd: folder.path, reject: false })
}
