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

/** The key of the object with the weights. */
async function weightsKey(): Promise<string> {
  const { 'weights.bin': md5 = '' } = await project.hashes('artifacts/train/a')
  return `paddock/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
}

describe('a remote on an S3 server', () => {
  it('is set up with verify, without keys in any committed file, and probed', async () => {
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
      expect.stringMatching(/The remote cannot be read: .*nobody.*\. Run `npm run doctor`\.$/),
    ])
  })

  it('gives a fresh clone the same bytes and, from the run cache, the same dvc.lock without training', async () => {
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

  it('loses nothing and holds no partial object when the server dies during a push', async () => {
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

  it('leaves no partial file when the server dies during a pull, and the next pull brings everything', async () => {
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

  it('refuses to pull damaged objects, names them, and replaces them from the cache of a machine that has them', async () => {
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
    expect(elsewhere.output).toContain("2 of 2 damaged objects of the remote are not in this machine's cache.")
    expect(await s3.get(BUCKET, key)).toHaveLength(1000)

    const seen = await project.remote('--check')
    expect([seen.exitCode, seen.output]).toEqual([1, expect.stringContaining(`(${WEIGHTS}, 1000 bytes): its MD5 is `)])
    expect(seen.output).toMatch(/2 of \d+ objects of the remote are damaged\./)

    const healed = await project.remote('--heal')
    expect([healed.exitCode, healed.output]).toEqual([0, expect.stringMatching(/are intact, 2 of them replaced/)])
    expect(healed.output).toMatch(/\(artifacts\/train\/a\/weights\.bin, 1000 bytes\): .*; replaced/)
    expect(Buffer.compare(await s3.get(BUCKET, key), content)).toBe(0)
    expect(Buffer.compare(await s3.get(BUCKET, run), said)).toBe(0)
    expect((await clone.dvc('pull')).exitCode).toBe(0)
    expect(await clone.hashes('artifacts')).toEqual(await project.hashes('artifacts'))
  })

  it('brings back what is damaged in the cache, from the checkout or the remote', async () => {
    const { 'weights.bin': hash = '', 'history.csv': small = '' } = await project.hashes('artifacts/train/a')
    const objectOf = (md5: string) => `.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
    for (const md5 of [hash, small]) {
      await project.remove(objectOf(md5))
      await project.write(objectOf(md5), 'damaged')
    }
    await project.remove(WEIGHTS)
    const seen = await project.remote('--check')
    expect([seen.exitCode, seen.output]).toEqual([
      1,
      expect.stringMatching(/2 of \d+ objects that dvc\.lock needs are damaged/),
    ])
    const healed = await project.remote('--heal')
    expect([healed.exitCode, healed.output]).toEqual([0, expect.stringMatching(/are intact, 2 of them replaced/)])
    expect((await project.dvc('checkout')).exitCode).toBe(0)
    expect((await project.hashes('artifacts/train/a'))['weights.bin']).toBe(hash)
  })

  it('is reported as missing when its bucket does not exist, rather than as empty', async () => {
    const clone = await freshClone()
    await clone.write('.dvc/config', (await clone.read('.dvc/config')).replace(`s3://${BUCKET}/`, 's3://nosuch/'))
    expect(await clone.remote('--check')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/The remote cannot be read: nosuch does not exist\. Run/),
    })
  })
})
