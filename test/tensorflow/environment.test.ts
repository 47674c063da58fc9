import { cp, mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { prepareEnvironment, prepareNumerics } from '../../src/tensorflow/environment.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

/** Runs a program that loads TensorFlow, in exactly this environment. */
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
  it('sets as many threads as there are cores and turns oneDNN on, and keeps the threads that the user has set', () => {
    const environment: Record<string, string | undefined> = { TF_NUM_INTEROP_THREADS: '7', HOME: '/home/user' }
    expect(prepareEnvironment(environment)).toEqual([])
    expect(environment).toMatchObject({
      TF_NUM_INTRAOP_THREADS: String(availableParallelism()),
      TF_NUM_INTEROP_THREADS: '7',
      TF_ENABLE_ONEDNN_OPTS: '1',
      HOME: '/home/user',
    })
    expect(prepareEnvironment(environment)).toEqual([]) // as a process inherits it
  })

  it('leaves out what changes bits, but for a kind of processor, and says so', () => {
    const given = { TF_ENABLE_ONEDNN_OPTS: '0', ONEDNN_DEFAULT_FPMATH_MODE: 'BF16', NVIDIA_TF32_OVERRIDE: '0' }
    const harmless = { ONEDNN_VERBOSE: '1', TF_CPP_MIN_LOG_LEVEL: '0' }
    const environment: Record<string, string | undefined> = { ...given, ...harmless, ONEDNN_MAX_CPU_ISA: 'SSE41' }
    expect(prepareEnvironment(environment)).toEqual([
      'TF_ENABLE_ONEDNN_OPTS=0 is ignored, since it would change the bits of results',
      'ONEDNN_DEFAULT_FPMATH_MODE=BF16 is ignored, since it would change the bits of results',
      'NVIDIA_TF32_OVERRIDE=0 is ignored, since it would change the bits of results',
      'ONEDNN_MAX_CPU_ISA=SSE41: results have the bits of that processor',
    ])
    expect(environment).toMatchObject({ ...harmless, TF_ENABLE_ONEDNN_OPTS: '1', ONEDNN_MAX_CPU_ISA: 'SSE41' })
    expect(Object.keys(environment)).not.toContain('ONEDNN_DEFAULT_FPMATH_MODE')
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

describe('TensorFlow, loaded in an empty environment', () => {
  it('runs on the TensorFlow backend and prints nothing, no deprecation warning either', async () => {
    const { stdout, stderr } = await load({})
    expect({ stdout, stderr }).toEqual({ stdout: `tensorflow 3 ${availableParallelism()} true`, stderr: '' })
  })

  it('has set the variables before TensorFlow read them', async () => {
    // at level 0 TensorFlow logs while it is loaded whether oneDNN is on; its own default depends on the processor
    const { stderr } = await load({ TF_CPP_MIN_LOG_LEVEL: '0' })
    expect(stderr).toContain('oneDNN custom operations are on')
  })

  it('exits with 1 and one line that names set-up when the binding is missing', async () => {
    const room = join(folder.path, 'src/tensorflow')
    const tfjs = join(folder.path, 'node_modules/@tensorflow/tfjs-node-gpu')
    for (const path of [room, tfjs]) await mkdir(path, { recursive: true })
    for (const file of ['environment.ts', 'installed.ts', 'raw.ts'])
      await cp(`src/tensorflow/${file}`, join(room, file))
    await writeFile(join(tfjs, 'package.json'), '{"name": "@tensorflow/tfjs-node-gpu", "main": "index.js"}')
    await writeFile(join(tfjs, 'index.js'), 'throw new Error("loaded without its binding")')
    await writeFile(join(folder.path, 'package.json'), '{"type": "module"}')

    const { exitCode, stderr } = await execa(process.execPath, [join(room, 'raw.ts')], { reject: false })
    const binding = join(tfjs, 'lib/napi-v8/tfjs_binding.node')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `SetupError: Expected TensorFlow's binding at ${binding}, found nothing. Run \`npm run setup\`.`,
    })
  })
})
