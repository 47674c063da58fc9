import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unbroken } from '../../../src/scores/format.ts'
import { runStage } from '../../pipeline/evaluated.ts'
import { accessibilityFaults, CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../../support/browser.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { CLASSES, GROUP, pageIn, writeHostileArtifacts } from './hostile.ts'

const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 740 }
/** Rows of the table of results. */
const BEST = 'original-zero (chosen)'
const BASELINE = 'Majority-class baseline (cat)'

describe.skipIf(CHROMIUM === undefined)(`the page of results in a browser${WITHOUT_CHROMIUM}`, () => {
  const folder = temporaryFolder({ per: 'file' })
  let browser: Browser
  let page: Page
  /** Errors that the page logged, and addresses that it wanted to load. */
  const complaints: string[] = []

  async function open(options: Parameters<Browser['newPage']>[0] = { viewport: DESKTOP }): Promise<Page> {
    const opened = await browser.newPage(options)
    opened.on('console', (message) => complaints.push(message.text()))
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('request', (request) => {
      if (!/^(data|file):/.test(request.url())) complaints.push(request.url())
    })
    await opened.goto(pathToFileURL(pageIn(folder.path)).href)
    await opened.waitForFunction(() => document.querySelectorAll('.chart svg').length === 2)
    return opened
  }

  beforeAll(async () => {
    await writeHostileArtifacts(folder.path)
    expect(await runStage(folder.path, 'report')).toMatchObject({ exitCode: 0, stderr: '' })
    browser = await openBrowser()
    page = await open()
  })
  afterAll(() => browser?.close())

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
      await shown.locator('.matrix .wrong').first().click()
      expect(await accessibilityFaults(shown)).toEqual([])
      expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      const paper = await shown.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(Number(/\d+/.exec(paper)?.[0]) < 128).toBe(colorScheme === 'dark')
      await shown.close()
    },
  )

  it('shows names of classes and images as text, whatever markup they hold', async () => {
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
    expect(await page.locator('script').count()).toBe(2)
    expect(await page.locator('[onerror], [onclick]').count()).toBe(0)
    expect(await page.locator('.matrix thead th').allTextContents()).toEqual(['Label / predicted', ...CLASSES])
    expect(await page.locator('.wrongs code').first().textContent()).toMatch(
      /^validation\/<b onclick="hit\(\)">\d<\/b>\/'\d'\.png$/,
    )
  })

  it('lets a keyboard skip the links at the top', async () => {
    await page.keyboard.press('Tab')
    expect(await page.locator('.skip:focus').textContent()).toBe('Skip to the results')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab') // to the table, which may scroll
    await page.keyboard.press('Tab')
    expect(await page.locator('main :focus').textContent()).toBe('Configuration') // the first header, which sorts
  })

  it('sorts the table of configurations by keyboard, and says so', async () => {
    const names = () => page.locator('#results tbody th').allTextContents()
    const first = [BEST, 'mobilenet025-zero', BASELINE]
    expect(await names()).toEqual(first)
    await page.locator('#results thead button').first().focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual([BASELINE, 'mobilenet025-zero', BEST])
    expect(await page.locator('#results thead th').first().getAttribute('aria-sort')).toBe('ascending')
    await page.keyboard.press('Tab') // to Validation
    await page.keyboard.press('Space')
    expect(await names()).toEqual(first)
    expect(await page.locator('#results [role=status]').textContent()).toBe('Sorted by Validation, largest first.')
  })

  it('draws the curves of every configuration, of training and validation, and leaves out what is switched off', async () => {
    const words = () => page.locator('#curves-view .chart').getAttribute('aria-label')
    const table = page.locator('#curves-view table')
    const curves = async () =>
      (await table.locator('th').allTextContents()).slice(1).filter((text) => text.includes(','))
    await page.locator('#curves-view summary').click()
    expect(await page.locator('#curves-view .chart svg path').count()).toBeGreaterThan(4)
    expect(await curves()).toEqual(
      ['original-zero', 'mobilenet025-zero'].flatMap((name) => [`${name}, training`, `${name}, validation`]),
    )
    expect(await words()).toContain('original-zero 86.7 % in epoch 3') // 1 - 0.4 / 3
    await page.getByRole('checkbox', { name: 'mobilenet025-zero' }).uncheck()
    expect(await curves()).toEqual(['original-zero, training', 'original-zero, validation'])
    expect(await words()).not.toContain('mobilenet025-zero')
    await page.locator('#curves-view').getByLabel('Show').selectOption('F1 (validation)')
    expect(await curves()).toEqual(['original-zero, validation'])
    expect(await words()).toContain('original-zero 0.867 in epoch 3')
    await page.getByRole('checkbox', { name: 'mobilenet025-zero' }).check()
    expect(await curves()).toEqual(['original-zero, validation', 'mobilenet025-zero, validation'])
  })

  it('opens the images behind a cell of the confusion matrix by keyboard, and gives the focus back', async () => {
    const view = page.locator('#confusion-view')
    const texts = await view.locator('.matrix td').allTextContents()
    expect(texts.map((text) => text.replace(/ of .*/s, ''))).toEqual([
      ...['880.0 %', '110.0 %', '110.0 %', '110.0 %', '990.0 %', '0', '0', '0', '8100.0 %'].map(unbroken),
    ])
    const cell = view.locator('.matrix .wrong').first()
    await cell.focus()
    await page.keyboard.press('Enter')
    expect(await cell.getAttribute('aria-expanded')).toBe('true')
    expect(await view.locator('h3:focus').textContent()).toBe(
      `1 holdout image of ${CLASSES[0]}, predicted as ${CLASSES[1]}`,
    )
    expect(await view.locator('.grid code').allTextContents()).toEqual([`holdout/<b onclick="hit()">0</b>/'7'.png`])
    expect(await isDrawn(page, '#confusion-view .grid img')).toBe(true)
    await page.keyboard.press('Tab') // to Close
    await page.keyboard.press('Enter')
    expect(await cell.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await view.locator('.grid li').count()).toBe(0)
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
    await confusion.locator('.matrix .wrong').first().click()
    expect(await confusion.locator('h3').textContent()).toMatch(/^\d+ test images? of /)
    const label = await calibration.locator('[role=img]').getAttribute('aria-label')
    expect(label).toMatch(/^Reliability diagram of mobilenet025-zero: /)
    await shown.close()
  })

  it('shows every wrong image with its probabilities and two heat maps, the surest first', async () => {
    const view = page.locator('#mistakes-view')
    expect(await view.locator('[role=status]').textContent()).toBe('9 wrong images.') // 3 of each part
    const first = view.locator('article').first()
    expect(await first.locator('h3').textContent()).toMatch(/ predicted as /)
    const surest = await view.locator('.probability:first-child .number').allTextContents()
    expect(surest.map(Number.parseFloat)).toEqual(surest.map(Number.parseFloat).sort((a, b) => b - a))
    expect(await first.locator('.number').allTextContents()).toHaveLength(3)
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
    const legend = view.locator('.legend')
    expect(await legend.textContent()).toBe('Heat map, evidence for the class: none  most')
    const opacities = await legend.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 1).data ?? []
      return [...data].filter((_, place) => place % 4 === 3)
    })
    expect([opacities[0], opacities.at(-1)]).toEqual([0, 205]) // as on the images: nothing, and the most
    expect(opacities).toEqual(opacities.toSorted((a, b) => a - b))
    await view.getByLabel('Images').selectOption('Test')
    expect(await view.locator('[role=status]').textContent()).toBe('3 wrong images.')
    await view.getByLabel('Configuration').selectOption('mobilenet025-zero')
    expect(await view.locator('[role=status]').textContent()).toBe('6 wrong images.')
  })

  it('shows candidates for relabelling, the surest first', async () => {
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
    expect(await group.locator('div').allTextContents()).toEqual(
      ['train', 'test'].map((part) => `${CLASSES[0]}, ${part}`),
    )
    expect(await page.locator('#data > p').allTextContents()).toContain(
      '1 group of near duplicates; each group is in one part:',
    )
  })

  it('logs no error and loads nothing', () => {
    expect(complaints).toEqual([])
  })

  it('moves nothing where less motion is wanted', async () => {
    const still = await open({ reducedMotion: 'reduce' })
    expect(await still.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto')
    await still.close()
  })

  it('is a file of less than 3 MB', async () => {
    expect((await stat(pageIn(folder.path))).size).toBeLessThan(3_000_000)
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
