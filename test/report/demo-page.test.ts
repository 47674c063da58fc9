import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paths } from '../../src/core/paths.ts'
import { encodePng } from '../../src/fetch/sample/png.ts'
import { samplePixels } from '../../src/fetch/sample.ts'
import { loadModel } from '../../src/network/saved.ts'
import type { Chosen } from '../../src/predict/chosen.ts'
import { openDemoServer } from '../../src/predict/demo-server.ts'
import type { RunningServer } from '../../src/predict/listen.ts'
import { classifyFiles } from '../../src/predict/predict.ts'
import { writeDemo } from '../../src/report/demo.ts'
import { readModelDigest } from '../../src/scores/identity.ts'
import type { Novelty } from '../../src/scores/novelty.ts'
import { writeNovelty } from '../../src/scores/novelty-files.ts'
import { accessibilityFaults, CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../support/browser.ts'
import { askDemo, makeTwenty, openDemoPage } from '../support/demo.ts'
import { CLASSES, drawForeign, noveltyOf, saveSampleModel, TEMPERATURE, writtenOf } from '../support/demo-model.ts'
import { pngChunk } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DESKTOP = { width: 1100, height: 850 }
const PHONE = { width: 360, height: 740 }

describe.skipIf(CHROMIUM === undefined)(`the demo in a browser${WITHOUT_CHROMIUM}`, () => {
  const folder = temporaryFolder({ per: 'file', enter: true })
  let browser: Browser
  let server: RunningServer
  let page: Page
  let images: string[]
  let chosen: Pick<Chosen, 'model' | 'calibration' | 'novelty'>
  const complaints: string[] = []

  beforeAll(async () => {
    await saveSampleModel(paths.model('net'))
    const model = await loadModel(paths.model('net'))
    chosen = { model, calibration: { temperature: TEMPERATURE, outcome: 'fitted' }, novelty: await noveltyOf(model) }
    await writeNovelty(
      paths.novelty('net'),
      (await readModelDigest(paths.model('net'))).digest,
      chosen.novelty as Novelty,
    )
    await writeDemo('net', { net: writtenOf({ sure: 0.7 }) }, { report: { title: '<b>Drawn</b> images' } })
    images = await drawImages(folder.path)
    server = await openDemoServer('artifacts/report/demo')
    browser = await openBrowser()
    page = await openDemoPage(browser, server.url, complaints, { viewport: DESKTOP })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('says of twenty images what predict says: the class, and probabilities within 0.02', async () => {
    const twenty = await makeTwenty(folder.path, images)
    expect(twenty).toHaveLength(20)
    const labels = new Set<string | null>()
    for await (const said of classifyFiles(chosen, twenty)) {
      if ('problem' in said) throw new Error(said.problem)
      const { answer, probabilities } = await askDemo(page, said.file)
      for (const [name, probability] of Object.entries(said.probabilities)) {
        expect(Math.abs((probabilities[name] ?? Number.NaN) - probability), `${said.file}, ${name}`).toBeLessThan(0.02)
      }
      expect(answer, said.file).toContain(said.label === null ? 'None of these' : `${said.label}: `)
      labels.add(said.label)
    }
    expect(labels.size).toBe(4) // so that the right answer is no matter of course; a grey and a clear drawing are none of these
  }, 300_000)

  it('says what predict says of files that browsers treat in their own way', async () => {
    const [source = ''] = images
    const png = await sharp(await readFile(source))
      .png()
      .toBuffer()
    const jpeg = await sharp(png).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const table = jpeg.indexOf(Buffer.from([0xff, 0xc4]))
    const gif = await sharp(png).resize(96).gif().toBuffer()
    gif.writeUInt16LE(128, 6) // the canvas is larger than the first frame
    const made = {
      'gamma.png': Buffer.concat([
        png.subarray(0, 33),
        pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0])),
        png.subarray(33),
      ]),
      'extraneous.jpg': Buffer.concat([jpeg.subarray(0, table), Buffer.alloc(12, 0x55), jpeg.subarray(table)]),
      'small-frame.gif': gif,
    }
    for (const [name, bytes] of Object.entries(made)) await writeFile(join(folder.path, name), bytes)
    const files = Object.keys(made).map((name) => join(folder.path, name))
    for await (const said of classifyFiles(chosen, files)) {
      if ('problem' in said) throw new Error(said.problem)
      const { probabilities } = await askDemo(page, said.file)
      for (const [name, probability] of Object.entries(said.probabilities)) {
        expect(Math.abs((probabilities[name] ?? Number.NaN) - probability), `${said.file}, ${name}`).toBeLessThan(0.02)
      }
    }
  })

  it('answers as predict does of a drawing of something else, with its distance and what it is nearest to', async () => {
    const file = join(folder.path, 'foreign.png')
    await writeFile(file, await drawForeign())
    for await (const said of classifyFiles(chosen, [file])) {
      if ('problem' in said) throw new Error(said.problem)
      expect(said.label).toBeNull()
      expect((await askDemo(page, file)).answer).toBe('None of these')
      const words = (await page.textContent('#worth')) ?? ''
      const [, distance, limit, nearest] =
        /from them, (\S+), is beyond the limit of (\S+)\. The nearest are: (.*)\.$/s.exec(words) ?? []
      expect(Math.abs(Number(distance) - (said.distance ?? Number.NaN))).toBeLessThan(0.002)
      expect(limit).toBe(said.limit?.toFixed(3))
      for (const name of Object.keys(said.nearest)) expect(nearest).toContain(name)
    }
    expect(await page.textContent('#about')).toContain(
      'answers “none of these” for an image unlike its training images',
    )
  })

  it('draws a heat map, which can be switched off by the keyboard', async () => {
    await askDemo(page, images[0] as string)
    const warm = () =>
      page.locator('#heat').evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] }
        return [...data].filter((value, i) => i % 4 === 3 && value > 100).length
      })
    expect(await warm()).toBeGreaterThan(10)
    await page.locator('#show-heat').focus()
    await page.keyboard.press('Space')
    expect(await page.locator('#heat').isVisible()).toBe(false)
    await page.keyboard.press('Space')
    expect(await page.locator('#heat').isVisible()).toBe(true)
  })

  it('says from which probability on it is sure, and unsure below', async () => {
    const said = []
    for (const image of images) {
      const { answer, probabilities } = await askDemo(page, image)
      const isSure = Math.max(...Object.values(probabilities)) >= 0.7
      expect(answer.startsWith('Unsure, perhaps ')).toBe(!isSure)
      expect(await page.textContent('#worth')).toMatch(
        isSure ? /^Sure: from 70\.0\u00a0% on/ : /^Unsure: below 70\.0\u00a0%/,
      )
      said.push(isSure)
    }
    expect(new Set(said)).toEqual(new Set([true, false]))
  })

  it('says in a line what is no image, and goes on', async () => {
    const broken = {
      'empty.jpg': ['', 'an empty file'],
      'text.png': ['not an image', 'a file that this browser cannot decode'],
      'cut.jpg': ['\xff\xd8\xff\xe0\0\x04ab', 'a file that is cut off'],
    }
    for (const [name, [content = '', reason]] of Object.entries(broken)) {
      await writeFile(join(folder.path, name), Buffer.from(content, 'latin1'))
      await expect(askDemo(page, join(folder.path, name))).rejects.toThrow(
        `${name}: Expected an image (JPEG, PNG, WebP, GIF or AVIF), received ${reason}. Choose another`,
      )
      expect(await page.locator('#result').isVisible()).toBe(false)
    }
    await askDemo(page, images[0] as string)
    expect(await page.locator('#problem').isVisible()).toBe(false)
  })

  it('opens the choice of a file by the keyboard, and takes one that is dropped', async () => {
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('file')
    page.once('filechooser', (chooser) => void chooser.setFiles(images[1] as string))
    await page.waitForTimeout(500) // until the browser knows that somebody listens
    await page.keyboard.press('Enter')
    await page.locator('#file-name', { hasText: 'drawn-1.png' }).waitFor()
    const dropped = await page.evaluateHandle(async () => {
      const canvas = document.createElement('canvas')
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
      const transfer = new DataTransfer()
      transfer.items.add(new File([blob as Blob], 'dropped.png'))
      return transfer
    })
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: dropped })
    await page.locator('#file-name', { hasText: 'dropped.png' }).waitFor()
  })

  it('keeps images that are given while the model loads, and answers each of several', async () => {
    const early = await browser.newPage()
    let load = () => {}
    const loaded = new Promise<void>((resolve) => {
      load = resolve
    })
    await early.route('**/model/weights.bin', (route) => loaded.then(() => route.continue()))
    await early.goto(server.url)
    await early.locator('#title', { hasText: 'Drawn' }).waitFor()
    const broken = join(folder.path, 'none.jpg')
    await writeFile(broken, 'not an image')
    await early.setInputFiles('#file', [images[0] as string, broken, images[1] as string])
    expect(await early.textContent('#status')).toBe('Loading the model … Then it classifies 3 images.')
    load()
    await early.locator('#file-name', { hasText: 'drawn-1.png' }).waitFor()
    expect(await early.locator('#answers li').allTextContents()).toEqual([
      expect.stringMatching(/^drawn-0\.png: .*\u00a0%$/),
      expect.stringMatching(/^none\.jpg: Expected an image /),
      expect.stringMatching(/^drawn-1\.png: .*\u00a0%$/),
    ])
    expect(await early.textContent('#problem')).toBe('') // the list says it
    await early.getByRole('button', { name: 'drawn-0.png' }).click()
    expect(await early.textContent('#file-name')).toBe('drawn-0.png')
    expect(await accessibilityFaults(early)).toEqual([])
    await early.close()
  })

  it('keeps the answer that was picked from the list, and marks it, while the rest is classified', async () => {
    const fresh = await openDemoPage(browser, server.url, complaints)
    const current = () => fresh.locator('#answers [aria-current="true"]').allTextContents()
    const last = images.at(-1) as string
    // The page's own thread classifies, so the click is made there as soon as the first answer is in the list.
    await fresh.evaluate(() => {
      const answers = document.querySelector('#answers') as HTMLElement
      new MutationObserver((_, observer) => {
        const button = answers.querySelector('button')
        if (!button) return
        observer.disconnect()
        button.click()
      }).observe(answers, { childList: true, subtree: true })
    })
    await fresh.setInputFiles('#file', images)
    await fresh.locator('#answers button', { hasText: `${basename(last)}: ` }).waitFor()
    expect(await fresh.textContent('#file-name')).toBe('drawn-0.png')
    expect(await current()).toEqual([expect.stringMatching(/^drawn-0\.png: /)])
    await fresh.getByRole('button', { name: basename(last) }).click()
    expect(await fresh.textContent('#file-name')).toBe(basename(last))
    expect(await current()).toEqual([expect.stringMatching(/^drawn-8\.png: /)])
    expect(await accessibilityFaults(fresh)).toEqual([])
    await askDemo(fresh, images[1] as string) // a new choice shows its answer again
    await fresh.close()
  })

  it.each([
    { colorScheme: 'light', viewport: DESKTOP },
    { colorScheme: 'dark', viewport: DESKTOP },
    { colorScheme: 'light', viewport: PHONE },
    { colorScheme: 'dark', viewport: PHONE },
  ] as const)(
    'is accessible and fits, $colorScheme, $viewport.width pixels wide',
    async ({ colorScheme, viewport }) => {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      await askDemo(page, images[2] as string)
      expect(await accessibilityFaults(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(Number(/\d+/.exec(ground)?.[0]) < 128).toBe(colorScheme === 'dark')
    },
  )

  it('takes names of classes and files for text, whatever markup they hold', async () => {
    const name = '<img src=x onerror=hit()>.png'
    await writeFile(
      join(folder.path, name),
      encodePng(samplePixels({ set: 'train', label: 'cat', number: 9, size: 64 }, 1), 64),
    )
    const { probabilities } = await askDemo(page, join(folder.path, name))
    expect(Object.keys(probabilities).sort()).toEqual([...CLASSES].sort())
    expect(await page.textContent('#file-name')).toBe(name)
    expect(await page.textContent('h1')).toBe('<b>Drawn</b> images')
    expect(await page.locator('main img, main b, main script').count()).toBe(0)
  })

  it('loads nothing from elsewhere, and the browser has nothing to complain of', () => {
    expect(complaints).toEqual([])
  })
})

/** Nine images of the sample. */
async function drawImages(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const labels = ['cat', 'dog', 'horse'] as const
  return Promise.all(
    Array.from({ length: 9 }, async (_, i) => {
      const label = labels[i % 3] ?? 'cat'
      const path = join(folder, `drawn-${i}.png`)
      await writeFile(path, encodePng(samplePixels({ set: 'train', label, number: 100 + i, size: 320 }, 1), 320))
      return path
    }),
  )
}
