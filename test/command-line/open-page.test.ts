import { chmod, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../../src/command-line/open-page.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder({ per: 'file' })
let page: string
beforeAll(async () => {
  page = join(folder.path, 'a page.html')
  await writeFile(page, '<p>')
})

/** The environment of a desktop whose only opener ends with this code and writes down what it was given. */
async function desktopWith(program: string, exitCode: number) {
  await writeFile(
    join(folder.path, program),
    `#!/bin/sh\nprintf '%s' "$*" > '${folder.path}/given'\nexit ${exitCode}\n`,
  )
  await chmod(join(folder.path, program), 0o755)
  return { PATH: `${folder.path}:${dirname(process.execPath)}`, DISPLAY: ':0' }
}

describe('openPage', () => {
  it('asks the desktop to show the page', async () => {
    expect(await openPage(page, await desktopWith('xdg-open', 0))).toBe(`the browser shows ${page}`)
    expect(await readFile(join(folder.path, 'given'), 'utf8')).toBe(pathToFileURL(page).href)
  })

  it('says where the page is when the desktop has no browser', async () => {
    const said = `no browser here; open ${pathToFileURL(page).href}`
    expect(await openPage(page, await desktopWith('xdg-open', 3))).toBe(said)
    expect(await openPage(page, { PATH: folder.path })).toBe(said)
  })

  it('gives WSL the path, which it translates', async () => {
    expect(await openPage(page, await desktopWith('wslview', 0))).toBe(`the browser shows ${page}`)
    expect(await readFile(join(folder.path, 'given'), 'utf8')).toBe(page)
  })

  it('fails where no page was made', async () => {
    await expect(openPage(join(folder.path, 'none.html'))).rejects.toThrow(
      /^Expected a page at .*none\.html, received nothing\. Run `npm run repro`\.$/,
    )
  })
})
