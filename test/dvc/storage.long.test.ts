import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CutProxy, openCutProxy } from '../support/cut-proxy.ts'
import { type S3, startS3 } from '../support/s3.ts'
import { S3_KEYS } from '../support/s3-request.ts'
import { MODEL_BYTES, makeProject, type Project } from '../support/storage-project.ts'

const BUCKET = 'images'
const WEIGHTS = 'artifacts/train/a/weights.bin'

let s3: S3
let proxy: CutProxy
let project: Project
const clones: Project[] = []

beforeAll(async () => {
  s3 = await startS3(BUCKET)
  proxy = await openCutProxy(s3.endpoint, s3.kill)
  project = await makeProject()
})

afterAll(async () => {
  await proxy.close()
  await s3.close()
  for (const each of [project, ...clones]) await each.remove()
})

async function freshClone(): Promise<Project> {
  const clone = await project.clone()
  clones.push(clone)
  return clone
}

async function commit(message: string): Promise<void> {
  await project.git('add', '--all')
  await project.git('commit', '--quiet', '--message', message)
}

/** The key of the object that holds the weights, on the server. */
async function weightsKey(): Promise<string> {
  const { 'weights.bin': md5 = '' } = await project.hashes('artifacts/train/a')
  return `paddock/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
}

describe('a remote on an S3 server', () => {
  it('is set up with verify, without keys in any committed file, and tried', async () => {
    const { exitCode, output } = await project.remote(`s3://${BUCKET}/paddock`, '--endpoint', proxy.endpoint)
    expect([exitCode, output]).toEqual([0, expect.stringContaining('works: written, read and deleted')])
    const config = await project.read('.dvc/config')
    expect(config).toContain(`url = s3://${BUCKET}/paddock`)
    expect(config).toContain('verify = true')
    expect(config).toContain(`endpointurl = ${proxy.endpoint}`)
    for (const secret of Object.values(S3_KEYS)) expect(config).not.toContain(secret)
    expect(await s3.keys(BUCKET)).toEqual([])

    await project.write('.dvc/config.local', `['remote "storage"']\n    profile = nobody\n`)
    const refused = await project.remote('--check')
    await project.remove('.dvc/config.local')
    expect([refused.exitCode, refused.output]).toEqual([
      1,
      expect.stringMatching(/Expected the remote to be read, received: .*nobody.*\. Ask `npm run doctor`\.$/),
    ])
  })

  it('gives a fresh clone the same bytes, and from the run cache the same dvc.lock without training', async () => {
    expect((await project.dvc('repro')).exitCode).toBe(0)
    await commit('first')
    expect((await project.dvc('push', '--run-cache')).exitCode).toBe(0)
    const clone = await freshClone()
    await clone.remove('dvc.lock')
    const { exitCode, output } = await clone.dvc('repro', '--pull')
    expect([exitCode, output.match(/is cached - skipping run/g)?.length]).toEqual([0, 2])
    expect(await clone.read('dvc.lock')).toBe(await project.read('dvc.lock'))
    expect(await clone.hashes('artifacts')).toEqual(await project.hashes('artifacts'))
    expect(Object.keys(await clone.hashes('artifacts')).length).toBe(4)
  })

  it('loses nothing when the server goes in mid-push, and has nothing half there', async () => {
    await project.write('params.yaml', (await project.read('params.yaml')).replace('salt: 1', 'salt: 2'))
    expect((await project.dvc('repro')).exitCode).toBe(0)
    await commit('second')
    const before = await s3.keys(BUCKET)
    proxy.cutAfter(MODEL_BYTES / 2, 'up')
    const broken = await project.dvcUntil(() => proxy.isCut(), 'push', '--run-cache')
    expect(broken.exitCode).not.toBe(0)
    await s3.restart()
    const half = (await s3.keys(BUCKET)).filter((key) => !before.includes(key))
    expect(half).not.toContain(await weightsKey())
    expect(half.filter((key) => key.endsWith('.dir'))).toEqual([])
    proxy.mend()
    expect((await project.dvc('push', '--run-cache')).exitCode).toBe(0)
    const whole = (await s3.keys(BUCKET)).filter((key) => !before.includes(key))
    expect(whole).toContain(await weightsKey())
    expect(whole.filter((key) => key.endsWith('.dir')).length).toBe(2)
  })

  it('leaves nothing half there when it goes in mid-pull, and the same command again brings everything', async () => {
    const clone = await freshClone()
    proxy.cutAfter(MODEL_BYTES * 1.5, 'down')
    const broken = await clone.dvcUntil(() => proxy.isCut(), 'pull')
    expect(broken.exitCode).not.toBe(0)
    const whole = await project.hashes('artifacts')
    for (const [path, md5] of Object.entries(await clone.hashes('artifacts')))
      expect([path, md5]).toEqual([path, whole[path]])
    await s3.restart()
    proxy.mend()
    expect((await clone.dvc('pull')).exitCode).toBe(0)
    expect(await clone.hashes('artifacts')).toEqual(whole)
  })

  it('notices and names objects that were changed or cut short there, never uses them, and puts them right', async () => {
    const key = await weightsKey()
    const content = await s3.get(BUCKET, key)
    const [run = ''] = (await s3.keys(BUCKET)).filter((each) => each.includes('/runs/'))
    const said = await s3.get(BUCKET, run)
    await s3.put(BUCKET, key, content.subarray(0, 1000))
    await s3.put(BUCKET, run, String(said).replace('salt: ', 'salt: 1'))

    const clone = await freshClone()
    const refused = await clone.dvc('pull')
    expect(refused.exitCode).not.toBe(0)
    expect(Object.keys(await clone.hashes('artifacts'))).not.toContain('train/a/weights.bin')

    const elsewhere = await clone.remote('--heal')
    expect(elsewhere.exitCode).toBe(1)
    expect(elsewhere.output).toMatch(/to have what puts 2 of \d+ objects right, received 0: it lacks 2\./)
    expect(await s3.get(BUCKET, key)).toHaveLength(1000)

    const seen = await project.remote('--check')
    expect([seen.exitCode, seen.output]).toEqual([1, expect.stringContaining(`(${WEIGHTS}, 1000 bytes there)`)])
    expect(seen.output).toMatch(/Expected all \d+ objects as they were pushed, received 2 changed\./)

    const healed = await project.remote('--heal')
    expect([healed.exitCode, healed.output]).toEqual([0, expect.stringContaining('2 of them put right')])
    expect(healed.output).toContain(`(${WEIGHTS}, 1000 bytes there before)`)
    expect(Buffer.compare(await s3.get(BUCKET, key), content)).toBe(0)
    expect(Buffer.compare(await s3.get(BUCKET, run), said)).toBe(0)
    expect((await clone.dvc('pull')).exitCode).toBe(0)
    expect(await clone.hashes('artifacts')).toEqual(await project.hashes('artifacts'))
  })

  it('is named where its bucket is not there, and never taken for one without objects', async () => {
    const clone = await freshClone()
    await clone.write('.dvc/config', (await clone.read('.dvc/config')).replace(`s3://${BUCKET}/`, 's3://nosuch/'))
    for (const action of ['--check', '--heal']) {
      expect(await clone.remote(action)).toEqual({
        exitCode: 1,
        output: expect.stringMatching(/Expected the remote to be read.*, received: nosuch is not there\. Ask/),
      })
    }
  })
})
