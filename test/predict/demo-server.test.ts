import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDemoServer } from '../../src/predict/demo-server.ts'
import type { RunningServer } from '../../src/predict/listen.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('openDemoServer', () => {
  const folder = temporaryFolder({ per: 'file' })
  let server: RunningServer
  beforeAll(async () => {
    await mkdir(join(folder.path, 'artifacts/report/demo/model'), { recursive: true })
    await writeFile(join(folder.path, 'secret'), 'secret')
    await writeFile(join(folder.path, 'artifacts/report/demo/index.html'), '<h1>hello</h1>')
    await writeFile(join(folder.path, 'artifacts/report/demo/model/weights.bin'), 'weights')
    server = await openDemoServer(join(folder.path, 'artifacts/report/demo'))
  })
  afterAll(async () => {
    await server.close()
  })

  /** Status, headers and text of an answer; the path goes out as it is. */
  function ask(path: string, options: { method?: string; host?: string } = {}) {
    const { port } = new URL(server.url)
    const headers = options.host === undefined ? {} : { host: options.host }
    return new Promise<{ status: number | undefined; type: string | undefined; text: string; policy: unknown }>(
      (done, fail) => {
        const asked = request(
          { host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers },
          (response) => {
            let text = ''
            response.on('data', (part) => {
              text += part
            })
            response.on('end', () => {
              const { statusCode: status, headers } = response
              done({ status, type: headers['content-type'], text, policy: headers['content-security-policy'] })
            })
          },
        )
        asked.on('error', fail)
        asked.end()
      },
    )
  }

  it('serves the files of the folder at 127.0.0.1, with their types', async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await ask('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', text: '<h1>hello</h1>' })
    expect(await ask('/index.html?x')).toMatchObject({ status: 200 })
    expect(await ask('/model/weights.bin')).toMatchObject({
      status: 200,
      type: 'application/octet-stream',
      text: 'weights',
    })
    expect((await ask('/')).policy).toMatch(/^default-src 'self';/)
  })

  it('serves nothing else, whatever the path says', async () => {
    for (const path of [
      '/../../../secret',
      '/%2e%2e/%2e%2e/%2e%2e/secret',
      '/model',
      '/model/../../../../secret',
      '//secret',
    ]) {
      expect(await ask(path)).toMatchObject({ status: 404, text: '' })
    }
  })

  it('answers to no other name, and takes nothing', async () => {
    expect(await ask('/', { host: 'elsewhere.example' })).toMatchObject({ status: 403 })
    expect(await ask('/', { host: 'localhost:80' })).toMatchObject({ status: 200 })
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405 })
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })

  it('is what npm run demo opens, until Ctrl-C', async () => {
    const demo = execa('node', [resolve('commands/demo.ts')], { cwd: folder.path })
    const url = await new Promise<string>((found) => {
      demo.stdout.on('data', (text) => found(/http:\S+/.exec(String(text))?.[0] ?? ''))
    })
    expect(await (await fetch(url)).text()).toBe('<h1>hello</h1>')
    demo.kill('SIGINT')
    const { stdout, exitCode } = await demo
    expect(stdout).toMatch(/^demo: http:\/\/127\.0\.0\.1:\d+\/ \(Ctrl-C ends it\)\ndemo: ended \(\d+\.\d s\)$/)
    expect(exitCode).toBe(0)
  })

  it('says what is missing, or wrong with the port', async () => {
    const run = async (cwd: string, ...args: string[]) =>
      (await execa('node', [resolve('commands/demo.ts'), ...args], { cwd, reject: false })).stderr
    expect(await run(join(folder.path, 'artifacts'))).toBe(
      'demo: DataError: Expected the demo in artifacts/report/demo, received none. Run `npm run repro`, whose report makes it.',
    )
    expect(await run(folder.path, '--port', '99999')).toContain(
      'Expected --port to be a number up to 65535, received 99999.',
    )
    expect(await run(folder.path, '--port', new URL(server.url).port)).toMatch(
      /received \d+: one that another program uses\. Name another/,
    )
  })
})
