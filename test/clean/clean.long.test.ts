import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODEL_BYTES, makeProject, type Project } from '../support/storage-project.ts'

let project: Project

/** Trains with another salt, which makes other bytes: two models. */
async function train(salt: number): Promise<string> {
  await project.write('params.yaml', (await project.read('params.yaml')).replace(/salt: \d+/, `salt: ${salt}`))
  expect((await project.dvc('repro')).exitCode).toBe(0)
  return hashOfModel()
}

async function hashOfModel(): Promise<string> {
  return (await project.hashes('artifacts/train/a'))['weights.bin'] ?? ''
}

async function commit(): Promise<void> {
  await project.git('add', '--all')
  await project.git('commit', '--quiet', '--message', 'test')
}

async function isCached(md5: string): Promise<boolean> {
  return Object.keys(await project.hashes('.dvc/cache/files/md5')).includes(`${md5.slice(0, 2)}/${md5.slice(2)}`)
}

const models: Record<'history' | 'branch' | 'remote' | 'tag' | 'tried' | 'here', string> = {
  history: '',
  branch: '',
  remote: '',
  tag: '',
  tried: '',
  here: '',
}

beforeAll(async () => {
  project = await makeProject()
  models.history = await train(1)
  await commit()
  for (const [salt, name] of [
    [2, 'branch'],
    [3, 'remote'],
    [4, 'tag'],
  ] as const) {
    await project.git('checkout', '--quiet', '-B', `with-${name}`)
    models[name] = await train(salt)
    await commit()
  }
  await project.git('tag', 'v1')
  await project.git('update-ref', 'refs/remotes/origin/theirs', 'with-remote')
  models.tried = await train(5)
  models.here = await train(6)
  await commit()
  await project.git('branch', '--quiet', '-D', 'with-remote')
  await project.write('artifacts/train/renamed/weights.bin', 'x'.repeat(1000))
  await project.write('home/.cache/paddock/checkpoints/a-1/state', 'x'.repeat(1000))
})

afterAll(() => project.remove())

async function cached(): Promise<string[]> {
  const present: string[] = []
  for (const [name, md5] of Object.entries(models)) if (await isCached(md5)) present.push(name)
  return present
}

describe('clean', () => {
  it('shows what each branch and tag takes, and removes nothing', async () => {
    const { exitCode, output } = await project.run('clean')
    const mb = (count: number) => `${((count * (MODEL_BYTES + 24)) / 1e6).toFixed(1)} MB`
    expect(exitCode).toBe(0)
    expect(output).toMatch(new RegExp(`DVC's cache +${mb(12)}`))
    expect(output).toMatch(new RegExp(`the checkout +${mb(2)}\n`))
    expect(output).toMatch(new RegExp(`branch with-branch +${mb(2)} ${mb(2)} of it needed by nothing else`))
    expect(output).toMatch(new RegExp(`branch origin/theirs +${mb(2)} ${mb(2)} of it needed by nothing else`))
    expect(output).toMatch(new RegExp(`tag v1 +${mb(2)} ${mb(2)} of it needed by nothing else`))
    expect(output).toMatch(new RegExp(`nothing of these +${mb(2)} goes`))
    expect(output).toMatch(/artifacts\/train\/renamed, of no configuration +1\.0 kB goes/)
    expect(output).toMatch(/checkpoints of trainings.* 1\.0 kB stays without --checkpoints/)
    expect(await cached()).toEqual(Object.keys(models))
  })

  it('removes on --yes what nothing needs, and leaves what branches, those of remotes, and tags have', async () => {
    const { exitCode, output } = await project.run('clean', '--yes')
    expect([exitCode, output]).toEqual([0, expect.stringContaining("DVC's cache has 30.0 MB now")])
    expect(await cached()).toEqual(['history', 'branch', 'remote', 'tag', 'here'])
    expect(Object.keys(await project.hashes('artifacts/train/renamed'))).toEqual([])
    expect(Object.keys(await project.hashes('home/.cache/paddock/checkpoints'))).toEqual(['a-1/state'])
    expect(await project.git('tag', '--list')).toBe('v1')
    await project.git('checkout', '--quiet', 'with-branch')
    expect((await project.dvc('checkout', '--force')).exitCode).toBe(0)
    expect(await hashOfModel()).toBe(models.branch)
    await project.git('checkout', '--quiet', '-')
    await project.dvc('checkout', '--force')
  })

  it('keeps the checkout alone when that is asked for', async () => {
    const { exitCode } = await project.run('clean', '--keep', 'none', '--checkpoints', '--yes')
    expect(exitCode).toBe(0)
    expect(await cached()).toEqual(['here'])
    expect(Object.keys(await project.hashes('home/.cache/paddock'))).toEqual([])
    expect(await hashOfModel()).toBe(models.here)
  })

  it('names what it cannot keep', async () => {
    const { exitCode, output } = await project.run('clean', '--keep', 'images', '--yes')
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('Expected --keep of branches, tags, experiments, commits or none, received images'),
    ])
  })
})
