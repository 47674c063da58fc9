import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAnswers } from '../../../src/scores/results.ts'
import { accessibilityFaults, CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../../support/browser.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { pageIn } from './hostile.ts'
import { classNames, NAME, reportOn } from './many-classes.ts'

const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }

describe('report', () => {
  const folder = temporaryFolder()

  it('counts classes and a configuration with the names that every object has', async () => {
    const classes = classNames(7)
    expect(classes).toEqual(
      expect.arrayContaining(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']),
    )
    const { verdict, gate, plots } = await reportOn(folder.path, classes)
    const read = (name: string) => readFile(join(folder.path, 'results', name), 'utf8')
    const texts = [await read('README.md'), await read('model-card.md')]
    expect(verdict).toMatchObject({ chosen: NAME, misses: [{ kind: 'accuracy' }, { kind: 'accuracy' }] })
    expect(gate).toEqual(verdict) // from what results/ holds
    const demo = JSON.parse(await readFile(join(folder.path, 'artifacts/report/demo/demo.json'), 'utf8'))
    expect(demo.classes).toEqual(classes)
    for (const name of classes) {
      for (const text of texts) expect(text).toMatch(new RegExp(`^\\| ${name.replaceAll('_', '\\\\?_')} +\\|`, 'm'))
      expect(plots.chosen_classes).toContain(`>${name.slice(0, 9)}`)
    }
    const answers = parseAnswers(
      await readFile(join(folder.path, 'results/predictions.csv'), 'utf8'),
      'predictions.csv',
    )
    expect(Object.keys(answers)).toEqual([NAME])
    expect(answers[NAME]?.filter(({ label }) => label === '__proto__')).toHaveLength(2 * 3)
  })
})

describe.skipIf(CHROMIUM === undefined)(`the page of results with many classes${WITHOUT_CHROMIUM}`, () => {
  const folder = temporaryFolder({ per: 'file' })
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  /** Opens the page and the images behind the first wrong cell. */
  async function open(root: string, errors: string[]): Promise<Page> {
    const page = await browser.newPage({ viewport: DESKTOP })
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(pathToFileURL(pageIn(root)).href)
    await page.waitForFunction(() => document.querySelectorAll('.chart svg').length === 2)
    await page.locator('.matrix .wrong').first().click()
    return page
  }

  it.each([2, 5, 10, 50, 300])('fits a window and a phone with %i classes', async (count) => {
    const root = join(folder.path, String(count))
    const errors: string[] = []
    await reportOn(root, classNames(count))
    const page = await open(root, errors)
    const matrix = page.locator('.matrix')
    // One image of every third class is taken for the next class; the list of 300 classes has no right predictions.
    expect(await matrix.locator('button').count()).toBe(count === 300 ? 100 : count + Math.ceil(count / 3))
    expect(await page.locator('#confusion-images li').count()).toBe(1)
    if (count === 10) {
      const hidden = await matrix.locator('.scroll').evaluate((box) => box.scrollWidth - box.clientWidth)
      expect(hidden).toBe(0) // all ten columns are in sight
      expect(await accessibilityFaults(page)).toEqual([])
    }
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      const names = await matrix.locator('tbody th').evaluateAll((cells) => cells.map((cell) => cell.clientWidth))
      expect(Math.max(...names)).toBeLessThan(viewport.width / 2) // the names leave room for the numbers
    }
    expect(errors).toEqual([])
    await page.close()
  })
})
