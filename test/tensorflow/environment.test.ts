import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { environmentDefaults, prepareEnvironment, prepareNumerics } from '../../src/tensorflow/environment.ts'

/** Runs a program that loads TensorFlow, with nothing in its environment but what is given. */
async function load(env: Record<string, string>) {
  const program = `
    import util from 'node:util'
    import { tf } from ${JSON.stringify(resolve('src/tensorflow/raw.ts'))}
    console.log(tf.getBackend(), tf.ones([3]).sum().dataSync()[0], process.env.TF_NUM_INTRAOP_THREADS, util.isArray([]))
  `
  const args = ['--input-type=module', '--eval', program]
  return execa(process.execPath, args, { env, extendEnv: false, reject: false })
}

describe('prepareEnvironment', () => {
  it('adds what is not set, and leaves what the user set', () => {
    const environment: Record<string, string | undefined> = { TF_ENABLE_ONEDNN_OPTS: '0', HOME: '/home/somebody' }
    prepareEnvironment(environment)
    expect(environment).toEqual({
      ...environmentDefaults(availableParallelism()),
      TF_ENABLE_ONEDNN_OPTS: '0',
      HOME: '/home/somebody',
    })
  })
})

describe('prepareNumerics', () => {
  it.each([
    [true, null, {}, { TF_DETERMINISTIC_OPS: '1' }],
    [true, null, { TF_DETERMINISTIC_OPS: '0' }, { TF_DETERMINISTIC_OPS: '1' }],
    [false, null, {}, {}],
    [false, null, { TF_DETERMINISTIC_OPS: '1' }, { TF_DETERMINISTIC_OPS: '1' }],
    [false, null, { TF_NUM_INTRAOP_THREADS: '4' }, { TF_NUM_INTRAOP_THREADS: '4' }],
    [false, 2, { TF_NUM_INTRAOP_THREADS: '4' }, { TF_NUM_INTRAOP_THREADS: '2', TF_NUM_INTEROP_THREADS: '2' }],
  ])('asked for: deterministic %s, threads %s, makes %o into %o', (deterministic, threads, before, after) => {
    const environment: Record<string, string | undefined> = { ...before }
    prepareNumerics({ deterministic, threads }, environment)
    expect(environment).toEqual(after)
  })
})

describe('runtime, loaded in an empty environment', () => {
  it('runs on the TensorFlow backend and prints nothing of its own', async () => {
    const { stdout, stderr } = await load({})
    expect({ stdout, stderr }).toEqual({ stdout: `tensorflow 3 ${availableParallelism()} true`, stderr: '' })
  })

  it('has set the variables before TensorFlow read them', async () => {
    // at level 0 TensorFlow says, while it is loaded, that oneDNN is on; left to itself that depends on the processor
    const { stderr } = await load({ TF_CPP_MIN_LOG_LEVEL: '0' })
    expect(stderr).toContain('oneDNN custom operations are on')
  })

  it('says in one line that set-up has to run where the binding is missing, and exits with 1', async () => {
    const root = await mkdtemp(join(tmpdir(), 'paddock-runtime-'))
    await cp('src/core', join(root, 'src/core'), { recursive: true })
    await mkdir(join(root, 'src/tensorflow'))
    for (const file of ['environment.ts', 'raw.ts']) {
      await cp(`src/tensorflow/${file}`, join(root, 'src/tensorflow', file))
    }
    const folder = join(root, 'node_modules/@tensorflow/tfjs-node-gpu')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{"name": "@tensorflow/tfjs-node-gpu", "main": "index.js"}')
    await writeFile(join(folder, 'index.js'), 'throw new Error("loaded without its binding")')
    await writeFile(join(root, 'package.json'), '{"type": "module"}')

    const args = [join(root, 'src/tensorflow/raw.ts')]
    const { exitCode, stderr } = await execa(process.execPath, args, { reject: false })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        `SetupError: Expected TensorFlow's binding at ${join(folder, 'lib/napi-v8/tfjs_binding.node')}, ` +
        'received nothing. Run `npm run setup`.',
    })
    await rm(root, { recursive: true })
  })
})
