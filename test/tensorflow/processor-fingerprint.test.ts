import { resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { processorFingerprint } from '../../src/tensorflow/processor-fingerprint.ts'
import { expectTensorsKept } from '../support/tensors.ts'

/** The fingerprint of another process, with these variables. */
async function elsewhere(env: Record<string, string>) {
  const program = `
    import { numericsOf } from ${JSON.stringify(resolve('src/tensorflow/identity.ts'))}
    console.log((await numericsOf({ deterministic: false, threads: 2 })).device)
  `
  return execa(process.execPath, ['--input-type=module', '--eval', program], { env })
}

describe('processorFingerprint', () => {
  it('is the same in another process with other threads, and whatever the environment asks of oneDNN', async () => {
    const { stdout } = await elsewhere({ TF_NUM_INTRAOP_THREADS: '5', TF_ENABLE_ONEDNN_OPTS: '0' })
    expect(stdout).toBe(processorFingerprint())
  })

  it('keeps no tensor', async () => {
    await expectTensorsKept(0, processorFingerprint)
  })
})
