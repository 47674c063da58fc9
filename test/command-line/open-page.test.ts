import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../../src/command-line/open-page.ts'

let folder: string
let page: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-open-'))
  page = join(folder, 'a page.html')
  await writeFile(page, '<p>')
})
afterAll(() => rm(folder, { recursive: true }))

/** The environment of a desktop whose only opener ends with this code and writes down what it was given. */
async function desktopWith(program: string, exitCode: number) {
  await writeFile(join(folder, program), `#!/bin/sh\nprintf '%s' "$*" > '${folder}/given'\nexit ${exitCode}\n`)
  await chmod(join(folder, program), 0o755)
  return { PATH: `${folder}:${dirname(process.execPath)}`, DISPLAY: ':0' }
}

describe('openPage', () => {
  it('asks the desktop to show the page', async () => {
    expect(await openPage(page, await desktopWith('xdg-open', 0))).toBe(`the browser shows ${page}`)
    expect(await readFile(join(folder, 'given'), 'utf8')).toBe(pathToFileURL(page).href)
  })

  it('says where the page is when the desktop has no browser', async () => {
    const said = `no browser here; open ${pathToFileURL(page).href}`
    expect(await openPage(page, await desktopWith('xdg-open', 3))).toBe(said)
    expect(await openPage(page, { PATH: folder })).toBe(said)
  })

  it('gives WSL the path, which it translates', async () => {
    expect(await openPage(page, await desktopWith('wslview', 0))).toBe(`the browser shows ${page}`)
    expect(await readFile(join(folder, 'given'), 'utf8')).toBe(page)
  })

  it('fails where no page was made', async () => {
    await expect(openPage(join(folder, 'none.html'))).rejects.toThrow(
      /^Expected a page at .*none\.html, received nothing\. Run `npm run repro`\.$/,
    )
  })
})
