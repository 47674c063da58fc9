import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeFileAtomically } from '../../src/core/files.ts'
import { encodePng } from '../../src/fetch/sample/png.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { loadModel } from '../../src/network/saved.ts'
import type { Answer } from '../../src/predict/answer.ts'
import type { Chosen } from '../../src/predict/chosen.ts'
import type { RunningServer } from '../../src/predict/listen.ts'
import { type Classified, classifyFiles } from '../../src/predict/predict.ts'
import { openModelServer } from '../../src/predict/serve.ts'
import { CLASSES, drawForeign, noveltyOf, saveSampleModel, TEMPERATURE } from '../support/demo-model.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('openModelServer', () => {
  const folder = temporaryFolder({ per: 'file' })
  const log: string[] = []
  const images = SAMPLE_LABELS.map((label) => {
    return encodePng(samplePixels({ set: 'test', label, number: 1, size: 200 }, 1), 200)
  })
  let chosen: Chosen
  let server: RunningServer
  beforeAll(async () => {
    await saveSampleModel(join(folder.path, 'model'))
    const model = await loadModel(join(folder.path, 'model'))
    const calibration = { temperature: TEMPERATURE, outcome: 'fitted' } as const
    chosen = { name: 'net', model, digest: 'abc', calibration, novelty: await noveltyOf(model) }
    server = await openModelServer(chosen, { port: 0, log: (line) => log.push(line) })
  })
  afterAll(async () => {
    await server.close()
  })

  const post = (body: BodyInit) => fetch(new URL('predict', server.url), { method: 'POST', body })

  it('answers as predict does, also requests at the same time, and logs a line for each', async () => {
    const given = [...images, await drawForeign()]
    const files = await Promise.all(
      given.map(async (bytes, i) => {
        const path = join(folder.path, `${i}.png`)
        await writeFileAtomically(path, bytes)
        return path
      }),
    )
    const expected: Classified[] = []
    for await (const answer of classifyFiles(chosen, files)) expected.push(answer)
    log.length = 0
    const answers = await Promise.all(given.map(async (bytes) => (await post(new Uint8Array(bytes))).json()))
    expect(new Set(answers.map(({ label }) => label)).size).toBe(4)
    expect(answers[3]).toMatchObject({ label: null, limit: chosen.novelty?.limit })
    answers.forEach((answer, i) => {
      const { label, probabilities, distance, nearest } = expected[i] as Answer
      expect(answer).toMatchObject({ label, nearest: { ...nearest }, config: 'net', model: 'abc' })
      expect(answer.distance).toBeCloseTo(distance ?? Number.NaN, 5)
      for (const name of CLASSES) expect(answer.probabilities[name]).toBeCloseTo(probabilities[name] ?? Number.NaN, 5)
    })
    expect(log).toHaveLength(4)
    expect(log[0]).toMatch(/^POST "\/predict" 200 \d+ ms "/)
    expect(log.filter((line) => line.endsWith(' ms "none of these"'))).toHaveLength(1)
  })

  it('says which model answers', async () => {
    const response = await fetch(new URL('health', server.url))
    expect(await response.json()).toEqual({ config: 'net', model: 'abc' })
  })

  it.each([
    ['what is no image', 'predict', { method: 'POST', body: 'hello' }, 400, /image/],
    ['an empty body', 'predict', { method: 'POST' }, 400, /./],
    [
      'a form',
      'predict',
      { method: 'POST', body: new FormData() },
      415,
      /the image itself.* --data-binary @image\.jpg/,
    ],
    ['another method', 'predict', {}, 405, /Expected POST/],
    ['another path', 'secret', {}, 404, /Expected POST \/predict/],
    ['another method of health', 'health', { method: 'POST' }, 405, /Expected GET/],
    [
      'more bytes than an image has',
      'predict',
      { method: 'POST', body: new Uint8Array(50_000_001) },
      413,
      /at most 50/,
    ],
  ])('refuses %s with the reason, and goes on', async (_, path, request, status, reason) => {
    const response = await fetch(new URL(path, server.url), request)
    expect(response.status).toBe(status)
    expect((await response.json()).error).toMatch(reason)
    expect((await fetch(new URL('health', server.url))).status).toBe(200)
  })

  /** The status of a request, of which no more than this is sent. */
  async function statusOf(
    { url }: RunningServer,
    given: { path?: string; method?: string; headers: Record<string, string> },
  ): Promise<number | undefined> {
    const asked = request({ host: '127.0.0.1', port: new URL(url).port, ...given })
    asked.flushHeaders()
    const [response]: IncomingMessage[] = await once(asked, 'response')
    response?.resume()
    asked.on('error', () => {}).destroy()
    return response?.statusCode
  }

  it('refuses more bytes than an image has before they come, and where nothing announces them', async () => {
    const headers = { 'content-length': '50000001' }
    expect(await statusOf(server, { path: '/predict', method: 'POST', headers })).toBe(413)
    log.length = 0
    const asked = request({ host: '127.0.0.1', port: new URL(server.url).port, path: '/predict', method: 'POST' })
    asked.on('error', () => {}) // the server closes a connection that it does not read to its end
    for (let megabyte = 0; megabyte < 51; megabyte++) asked.write(Buffer.alloc(1_000_000))
    await vi.waitFor(() => expect(log).toEqual([expect.stringMatching(/^POST "\/predict" 413 /)]), 10_000)
    asked.destroy()
  })

  it('refuses the seventeenth request at a time, and takes others once these are over', async () => {
    const asked = { host: '127.0.0.1', port: new URL(server.url).port, path: '/predict', method: 'POST' }
    const waiting = Array.from({ length: 16 }, () => request({ ...asked, headers: { expect: '100-continue' } }))
    const answers = waiting.map((each) => once(each, 'response'))
    const arrivals = waiting.map((each) => once(each, 'continue'))
    for (const each of waiting) each.flushHeaders()
    await Promise.all(arrivals)
    const refused = await post('hello')
    expect(refused.status).toBe(503)
    expect((await refused.json()).error).toBe('16 requests are waiting; try again later')
    for (const each of waiting) each.end('no image')
    for (const [response] of await Promise.all(answers)) {
      expect(response.statusCode).toBe(400)
      response.resume()
    }
    expect((await post('hello')).status).toBe(400)
  })

  it('names the address when that is no address of this computer', async () => {
    await expect(openModelServer(chosen, { port: 0, host: '192.0.2.1', log: () => {} })).rejects.toThrow(
      'Expected --host to be an address of this computer, received 192.0.2.1: ',
    )
  })

  it('answers whatever a query says', async () => {
    expect((await fetch(new URL('health?now=1', server.url))).status).toBe(200)
  })

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1:80.evil.example'])(
    'refuses the name of another host, %s, unless others may ask it',
    async (host) => {
      const asked = { path: '/health', headers: { host } }
      expect(await statusOf(server, asked)).toBe(403)
      for (const [address, status] of [
        ['127.0.0.1', 403],
        ['0.0.0.0', 200],
      ] as const) {
        const other = await openModelServer(chosen, { port: 0, host: address, log: () => {} })
        expect(await statusOf(other, asked), address).toBe(status)
        await other.close()
      }
    },
  )
})
