import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findingsOf, type Judged } from '../../src/audit/findings.ts'
import { writePage } from '../../src/audit/page/page.ts'
import type { Images } from '../../src/batches/batches.ts'
import { sha256 } from '../../src/core/files.ts'
import { readDecisions } from '../../src/workspace/decisions.ts'
import { accessibilityFaults, CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../support/browser.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CLASSES = ['cat', '<b onclick="hit()">dog</b>', '__proto__', 'horse & "foal"']
const [CAT = '', DOG = '', PROTO = ''] = CLASSES
const SIZE = 8
const DESKTOP = { width: 1280, height: 900 }

/** Two wrong labels, a photograph under two labels, a test image that looks like another class. */
function judged(): Judged[] {
  const image = (set: 'train' | 'test', label: string, name: string, likely: string): Judged => {
    const id = `${set}/${label}/${name}`
    const probabilities = CLASSES.map((each) => (each === likely ? 0.97 : 0.01))
    return { id, sha256: sha256(id), label, set, probabilities, distance: 0.1 }
  }
  return [
    image('train', CAT, 'wrong.png', DOG),
    image('train', DOG, `'"><img src=x onerror=hit()>.png`, PROTO),
    image('train', CAT, 'twin.png', CAT),
    image('train', PROTO, 'twin.png', PROTO),
    image('test', CAT, 'odd.png', DOG),
    image('train', CAT, 'good.png', CAT),
  ]
}

describe.skipIf(CHROMIUM === undefined)(`the page of an audit in a browser${WITHOUT_CHROMIUM}`, () => {
  const folder = temporaryFolder({ per: 'file' })
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const complaints: string[] = []
  const there = () => `${folder.path}/index.html`

  async function open(of: Pick<Browser, 'newPage'>, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const opened = await of.newPage(options)
    opened.on('console', (message) => complaints.push(message.text()))
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('request', (request) => {
      if (!/^(data|file|blob):/.test(request.url())) complaints.push(request.url())
    })
    await opened.goto(pathToFileURL(there()).href)
    return opened
  }

  beforeAll(async () => {
    const images = judged()
    const twins = images.filter(({ id }) => id.endsWith('twin.png')).map(({ id }) => id)
    const [id = '', other = ''] = twins.sort()
    const pairs = [{ id, other, kind: 'exact', distance: 0, certainty: 'certain' } as const]
    const squares: Images = {
      ...{ count: images.length, variants: 1, inputShape: [SIZE, SIZE, 3], labels: new Int32Array(images.length) },
      ids: images.map((each) => each.id),
      read: async () => new Uint8Array(SIZE * SIZE * 3).fill(120),
      digest: async () => '',
      close: async () => {},
    }
    const configuration = {
      name: 'small-transfer',
      entry: { architecture: 'mobilenet', mode: 'transfer', width: 0.25 },
    } as const
    const findings = findingsOf(images, pairs, CLASSES)
    await writePage(there(), { findings, classes: CLASSES, folds: 5, configuration, squares })
    browser = await openBrowser()
    context = await browser.newContext({ viewport: DESKTOP, acceptDownloads: true })
    page = await open(context)
  })
  afterAll(() => browser?.close())

  it.each([
    { colorScheme: 'light', viewport: DESKTOP },
    { colorScheme: 'dark', viewport: DESKTOP },
    { colorScheme: 'dark', viewport: { width: 320, height: 740 } },
  ] as const)('is accessible and does not scroll sideways, $colorScheme, $viewport.width wide', async (options) => {
    const shown = await open(browser, options)
    for (const [place, name] of ['Keep', 'Exclude', 'Relabel'].entries()) {
      await shown.getByRole('button', { name }).nth(place).click()
    }
    expect(await accessibilityFaults(shown)).toEqual([])
    expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBe(options.viewport.width)
    await shown.close()
  })

  it('lists each image with its label and why, test images apart and without buttons', async () => {
    const cards = page.locator('.card')
    expect(await cards.count()).toBe(5) // the good one is not there
    expect(await page.locator('#duplicates .card code').allTextContents()).toEqual([
      `train/${PROTO}/twin.png`,
      `train/${CAT}/twin.png`,
    ])
    const [first] = await page.locator('#labels .card').allInnerTexts()
    expect(first?.replaceAll('\u00a0', ' ')).toMatch(/^labelled .* 1\.0 %\nlooks like .* 97\.0 %\ntrain\//)
    const test = page.locator('#test .card')
    expect(await test.getByRole('button').count()).toBe(0)
    expect(await page.locator('#test > p').textContent()).toContain('npm run accept-test-set')
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
    expect(await page.locator('[onerror], [onclick]').count()).toBe(0)
  })

  it('decides by keyboard and mouse, remembers it over a reload, and takes a decision back', async () => {
    const status = page.locator('#decided')
    const pressed = () => page.locator('[aria-pressed=true]').allTextContents()
    expect(await page.locator('#save').isDisabled()).toBe(true)
    await page.locator('#duplicates .card').first().focus()
    await page.keyboard.press('k') // the first twin; the focus goes on
    await page.keyboard.press('x') // the second
    await page.keyboard.press('r') // the first wrong label
    await page.locator('#labels .card').nth(1).getByRole('button', { name: 'Exclude' }).click()
    const words = '4 of 4 images decided: keep 1, relabel 1, exclude 2.'
    expect(await status.textContent()).toBe(words)
    await page.reload()
    expect(await status.textContent()).toBe(words)
    expect(await pressed()).toEqual(['Keep', 'Exclude', 'Relabel', 'Exclude'])
    await page.locator('#labels .card').nth(1).getByRole('button', { name: 'Exclude' }).click()
    expect(await status.textContent()).toBe('3 of 4 images decided: keep 1, relabel 1, exclude 1.')
    await page.locator('#labels .card').nth(1).focus()
    await page.keyboard.press('p')
    expect(await page.locator('.card:focus code').textContent()).toBe(
      await page.locator('#labels .card code').first().textContent(),
    )
  })

  it('offers every other class, and saves the decisions to a file that add reads', async () => {
    const card = page.locator('#labels .card', { hasText: `train/${CAT}/wrong.png` })
    const choice = card.getByRole('combobox')
    await choice.focus()
    expect(await choice.locator('option').allTextContents()).toEqual(CLASSES.filter((name) => name !== CAT))
    expect(await choice.inputValue()).toBe(DOG)
    await choice.selectOption(PROTO)
    expect(await card.getByRole('button', { name: 'Relabel' }).getAttribute('aria-pressed')).toBe('true')
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()])
    expect(download.suggestedFilename()).toBe('decisions.json')
    const decisions = await readDecisions(await download.path())
    const id = `train/${CAT}/wrong.png`
    expect(decisions.find((each) => each.id === id)).toEqual({
      ...{ id, sha256: sha256(id), label: CAT, decision: 'relabel', to: PROTO },
      why: `looks like ${DOG}`,
    })
    expect(decisions.map(({ decision }) => decision).sort()).toEqual(expect.arrayContaining(['exclude', 'keep']))
    expect(decisions.some((each) => each.id.startsWith('test/'))).toBe(false)
  })

  it('takes everything back once that is confirmed', async () => {
    page.once('dialog', (dialog) => dialog.accept())
    await page.locator('#clear').click()
    expect(await page.locator('[aria-pressed=true]').count()).toBe(0)
    expect(await page.locator('#decided').textContent()).toMatch(/^0 of 4 /)
  })

  it('logs no error and loads nothing', () => {
    expect(complaints).toEqual([])
  })
})
