import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { makeCheckout } from '../support/checkout.ts'
import { cloneCheckout } from '../support/clone.ts'

interface Finding {
  readonly name: string
  readonly state: 'ok' | 'none' | 'fault'
  readonly found: string
  readonly remedy?: string
}

async function doctor(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const script = join(root, 'commands/doctor.mjs')
  const { exitCode, stdout, stderr } = await execa(process.execPath, [script, ...args], { env, reject: false })
  return { exitCode, stdout, stderr }
}

function findings(stdout: string): Record<string, Finding> {
  const { findings }: { findings: Finding[] } = JSON.parse(stdout)
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]))
}

describe('doctor, in this checkout', () => {
  it('finds everything that set-up made, as JSON', async () => {
    const { exitCode, stdout } = await doctor('.', ['--json'])
    const found = findings(stdout)
    expect(Object.values(found).map((each) => each.found)).not.toContain('none')
    expect(Object.keys(found)).toEqual([
      ...[
        'Node',
        'Python',
        'compiler',
        'npm packages',
        'DVC',
        'dvc.lock',
        'remote',
        'image resize',
        'TensorFlow',
        'device',
        'threads',
        'oneDNN',
        'GPU',
      ],
      ...['disk of the checkout', 'disk of the cache'],
    ])
    expect(found.Node?.found).toBe(process.versions.node)
    expect(found.TensorFlow).toEqual({ name: 'TensorFlow', state: 'ok', found: '2.21.0, TensorFlow.js 4.22.0' })
    expect(found.DVC?.found).toBe('3.67.1')
    expect({ exitCode, ok: JSON.parse(stdout).ok }).toEqual({ exitCode: 0, ok: true })
  })

  it('says which threads the user asked for, and that oneDNN stays on', async () => {
    const { stdout } = await doctor('.', ['--json'], { TF_ENABLE_ONEDNN_OPTS: '0', TF_NUM_INTRAOP_THREADS: '1' })
    const found = findings(stdout)
    expect(found.oneDNN?.found).toBe('on') // everybody's results have the same bits
    expect(found.threads?.found).toMatch(/^1 in an op/)
  })
})

describe('doctor, with a DVC remote', () => {
  it('writes, reads and deletes there, leaving nothing, and gives the reason where it cannot; names a truncated dvc.lock', async () => {
    const clone = await cloneCheckout()
    try {
      await clone.write('dvc.lock', '')
      const config = await clone.read('.dvc/config')
      const setRemote = (url: string) =>
        clone.write('.dvc/config', `${config}    remote = storage\n['remote "storage"']\n    url = ${url}\n`)
      await setRemote('../storage')
      const { stdout } = await doctor(clone.root, ['--json'])
      expect(findings(stdout)['dvc.lock']).toEqual({
        name: 'dvc.lock',
        state: 'fault',
        found: 'Expected dvc.lock as DVC writes it, received an empty file.',
        remedy: 'Run `npm run repro`, which restores the last complete one.',
      })
      expect(findings(stdout).remote).toEqual({
        name: 'remote',
        state: 'ok',
        found: 'storage: written, read and deleted',
      })
      const left = await readdir(join(clone.root, 'storage'), { recursive: true, withFileTypes: true })
      expect(left.filter((entry) => entry.isFile())).toEqual([])

      await setRemote('/dev/null/storage')
      const { remote } = findings((await doctor(clone.root, ['--json'])).stdout)
      expect(remote?.state).toBe('fault')
      expect(remote?.found).toMatch(
        /^Expected to write, read and delete on storage, received: Not a directory: '\/dev\/null\/storage'\.$/,
      )
      expect(remote?.remedy).toMatch(/^Check its URL/)
    } finally {
      await clone.remove()
    }
  })
})

describe('doctor, where nothing is installed', () => {
  it('names each fault with its remedy, a missing GPU too where one is required, and exits with 1', async () => {
    const { root, env } = await makeCheckout()
    await rm(join(root, 'node_modules'), { recursive: true })
    const { exitCode, stdout } = await doctor(root, ['--json', '--require-gpu'], {
      ...env,
      PATH: '/nowhere',
      CXX: 'g++',
    })
    const faults = Object.values(findings(stdout)).filter(({ state }) => state === 'fault')
    expect(faults.map(({ name }) => name)).toEqual([
      'Python',
      'compiler',
      'npm packages',
      'DVC',
      'image resize',
      'TensorFlow',
      'GPU',
    ])
    for (const { found, remedy } of faults) {
      expect(found).toMatch(/^Expected .*\.$/)
      expect(remedy).toMatch(/^(Run|Install) .*\.$/)
    }
    expect(exitCode).toBe(1)
    await rm(dirname(root), { recursive: true })
  })

  it('refuses an option that it does not know', async () => {
    expect(await doctor('.', ['--all'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'doctor: Expected --require-gpu, --deep, --json or --help, received --all.',
    })
  })
})
