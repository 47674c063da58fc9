import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runScript } from '../../pipeline/evaluated.ts'
import { accessibilityFaults, CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../../support/browser.ts'
import { CLASSES, GROUP, pageIn, writeHostileArtifacts } from './hostile.ts'

const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 740 }

describe.skipIf(CHROMIUM === undefined)(`the page of results in a browser${WITHOUT_CHROMIUM}`, () => {
  let folder: string
  let browser: Browser
  let page: Page
  /** What the page complained of, and what it wanted to load. */
  const complaints: string[] = []

  async function open(options: Parameters<Browser['newPage']>[0] = { viewport: DESKTOP }): Promise<Page> {
    const opened = await browser.newPage(options)
    opened.on('console', (message) => complaints.push(message.text()))
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('request', (request) => {
      if (!/^(data|file):/.test(request.url())) complaints.push(request.url())
    })
    await opened.goto(pathToFileURL(pageIn(folder)).href)
    await opened.waitForFunction(() => document.querySelectorAll('.chart svg').length === 2)
    return opened
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-page-'))
    await writeHostileArtifacts(folder)
    expect(await runScript(folder, 'report')).toMatchObject({ exitCode: 0, stderr: '' })
    browser = await openBrowser()
    page = await open()
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true })
  })

  it.each([
    { colorScheme: 'light', viewport: DESKTOP },
    { colorScheme: 'dark', viewport: DESKTOP },
    { colorScheme: 'light', viewport: PHONE },
    { colorScheme: 'dark', viewport: PHONE },
  ] as const)(
    'is accessible and does not scroll sideways, $colorScheme, $viewport.width pixels wide',
    async ({ colorScheme, viewport }) => {
      const shown = await open({ colorScheme, viewport })
      for (const summary of await shown.locator('summary').all()) await summary.click()
      await shown.locator('.matrix .wrong button').first().click()
      expect(await accessibilityFaults(shown)).toEqual([])
      expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      const paper = await shown.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(Number(/\d+/.exec(paper)?.[0]) < 128).toBe(colorScheme === 'dark')
      await shown.close()
    },
  )

  it('takes names of classes and images for text, whatever markup they hold', async () => {
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
    expect(await page.locator('script').count()).toBe(2)
    expect(await page.locator('[onerror], [onclick]').count()).toBe(0)
    expect(await page.locator('.matrix thead th').allTextContents()).toEqual(CLASSES)
    expect(await page.locator('.wrong code').first().textContent()).toMatch(
      /^validation\/<b onclick="hit\(\)">\d<\/b>\/'\d'\.png$/,
    )
  })

  it('lets a keyboard skip the links at the top', async () => {
    await page.keyboard.press('Tab')
    expect(await page.locator('.skip:focus').textContent()).toBe('Skip to the results')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.locator('main :focus').textContent()).toBe('Configuration') // the first header, which sorts
  })

  it('sorts the table of configurations by keyboard, and says so', async () => {
    const names = () => page.locator('#configurations-table tbody .name').allTextContents()
    expect(await names()).toEqual(['original-zero', 'mobilenet025-zero'])
    await page.locator('#configurations-table thead button').first().focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['mobilenet025-zero', 'original-zero'])
    expect(await page.locator('#configurations-table thead th').first().getAttribute('aria-sort')).toBe('ascending')
    await page.keyboard.press('Tab') // to Validation
    await page.keyboard.press('Space')
    expect(await names()).toEqual(['original-zero', 'mobilenet025-zero'])
    expect(await page.locator('#configurations-sort [role=status]').textContent()).toBe(
      'Sorted by Validation, greatest first.',
    )
  })

  it('draws the curves of every configuration, of training and validation, and leaves out what is switched off', async () => {
    const lines = () => page.locator('#curves-view .mark-line path').count()
    const words = () => page.locator('#curves-view .chart').getAttribute('aria-label')
    await page.waitForFunction(() => document.querySelectorAll('#curves-view .mark-line path').length === 4)
    expect(await words()).toContain('original-zero 86.7 % in epoch 3') // 1 - 0.4 / 3
    await page.getByLabel('mobilenet025-zero').first().uncheck()
    await page.waitForFunction(() => document.querySelectorAll('#curves-view .mark-line path').length === 2)
    expect(await words()).not.toContain('mobilenet025-zero')
    await page.getByLabel('F1 (validation)').check()
    await page.waitForFunction(() => document.querySelectorAll('#curves-view .mark-line path').length === 1)
    await page.getByLabel('mobilenet025-zero').first().check()
    await page.waitForFunction(() => document.querySelectorAll('#curves-view .mark-line path').length === 2)
    expect(await lines()).toBe(2)
  })

  it('opens the images behind a cell of the confusion matrix by keyboard, and gives the focus back', async () => {
    const view = page.locator('#confusion-view')
    const texts = await view.locator('.matrix td.cell').allTextContents()
    expect(texts.map((text) => text.replace(/ of .*/s, ''))).toEqual([
      ...['880.0 %', '110.0 %', '110.0 %', '110.0 %', '990.0 %', '0', '0', '0', '8100.0 %'],
    ])
    const cell = view.locator('.matrix .wrong button').first()
    await cell.focus()
    await page.keyboard.press('Enter')
    expect(await cell.getAttribute('aria-expanded')).toBe('true')
    expect(await view.locator('h3:focus').textContent()).toBe(
      `1 holdout image of ${CLASSES[0]}, taken for ${CLASSES[1]}`,
    )
    expect(await view.locator('.small-image code').allTextContents()).toEqual([
      `holdout/<b onclick="hit()">0</b>/'7'.png`,
    ])
    expect(await isDrawn(page, '#confusion-view .small-image img')).toBe(true)
    await page.keyboard.press('Tab') // to Close
    await page.keyboard.press('Enter')
    expect(await cell.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await view.locator('.small-image').count()).toBe(0)
  })

  it('shows the confusion matrix and the reliability of the configuration and the images that are chosen', async () => {
    const shown = await open()
    const [confusion, calibration] = [shown.locator('#confusion-view'), shown.locator('#calibration-view')]
    for (const view of [confusion, calibration]) {
      const [configuration, part] = [view.locator('.controls select').first(), view.locator('.controls select').last()]
      expect(await part.locator('option:checked').textContent()).toBe('Holdout')
      await part.selectOption('Test')
      await configuration.selectOption('mobilenet025-zero')
    }
    await confusion.locator('.matrix .wrong button').first().click()
    expect(await confusion.locator('h3').textContent()).toMatch(/^\d+ test images? of /)
    const label = await calibration.locator('[role=img]').getAttribute('aria-label')
    expect(label).toMatch(/^Reliability diagram of mobilenet025-zero: /)
    await shown.close()
  })

  it('shows every wrong image with its probabilities and two heat maps, the surest first', async () => {
    const view = page.locator('#mistakes-view')
    expect(await view.locator('.status').textContent()).toBe('9 wrong images.') // 3 of each part
    const first = view.locator('.wrong').first()
    expect(await first.locator('h3').textContent()).toMatch(/ taken for /)
    const surest = await view.locator('.probability:first-child .value').allTextContents()
    expect(surest.map(Number.parseFloat)).toEqual(surest.map(Number.parseFloat).sort((a, b) => b - a))
    expect(await first.locator('.value').allTextContents()).toHaveLength(3)
    expect(await view.locator('canvas.heat').count()).toBe(18)
    const painted = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('canvas.heat')
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      return {
        size: [canvas?.width, canvas?.height],
        opaque: [...data].filter((value, place) => place % 4 === 3 && value > 0).length,
      }
    })
    expect(painted.size).toEqual([4, 4])
    expect(painted.opaque).toBeGreaterThan(8)
    await view.getByLabel('Images').selectOption('Test')
    expect(await view.locator('.status').textContent()).toBe('3 wrong images.')
    await view.getByLabel('Configuration').selectOption('mobilenet025-zero')
    expect(await view.locator('.status').textContent()).toBe('6 wrong images.')
  })

  it('lists what is wrong for all configurations as candidates for relabelling', async () => {
    const ids = await page.locator('#labels-view .grid code').allTextContents()
    const names = ids.map((id) => id.replace(/<.*?>|'|\.png/g, ''))
    expect(names.slice(0, 6)).toEqual(
      ['holdout', 'test', 'validation'].flatMap((part) => [`${part}/0/8`, `${part}/1/8`]),
    )
    expect(names.slice(6)).toEqual(['holdout/0/7', 'test/0/7', 'validation/0/7']) // less sure
  })

  it('shows the near duplicates of a group side by side, training images too', async () => {
    const group = page.locator('#duplicates-view .group')
    expect(await group.locator('code').allTextContents()).toEqual(GROUP)
    expect(await group.locator('.line').allTextContents()).toEqual(
      ['train', 'test'].map((part) => `${CLASSES[0]}, ${part}`),
    )
    expect(await page.locator('#labels > p').last().textContent()).toBe(
      '1 group of images that are nearly the same; each stays on one side of the split.',
    )
  })

  it('complains of nothing and asks no network', () => {
    expect(complaints).toEqual([])
  })

  it('moves nothing where less motion is wanted', async () => {
    const still = await open({ reducedMotion: 'reduce' })
    expect(await still.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto')
    await still.close()
  })

  it('is the same file again from the same artifacts', async () => {
    const before = await readFile(pageIn(folder))
    expect((await runScript(folder, 'report')).exitCode).toBe(0)
    expect((await readFile(pageIn(folder))).equals(before)).toBe(true)
    expect(before.length).toBeLessThan(3_000_000)
  })
})

/** Whether an image is there and not a broken one. */
async function isDrawn(page: Page, selector: string): Promise<boolean> {
  const image = page.locator(selector).first()
  await image.scrollIntoViewIfNeeded()
  return image.evaluate(async (element) => {
    await (element as HTMLImageElement).decode()
    return (element as HTMLImageElement).naturalWidth > 0
  })
}
