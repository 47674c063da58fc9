import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'

/** What the demo says of an image. */
export interface Shown {
  readonly answer: string
  /** By class. */
  readonly probabilities: Readonly<Record<string, number>>
}

/** A page with the demo, ready to be asked; `complaints` gets what the browser complains of, and what it loads from elsewhere. */
export async function openDemoPage(
  browser: Browser,
  url: string,
  complaints: string[],
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Page> {
  const page = await browser.newPage(options)
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => request.url().startsWith(url) || complaints.push(request.url()))
  await page.goto(url)
  await page.locator('#details', { hasText: 'Runs on' }).waitFor({ timeout: 240_000 })
  return page
}

/** Gives the demo an image and waits for its answer. @throws Error with the problem that it shows instead. */
export async function askDemo(page: Page, file: string): Promise<Shown> {
  await page.setInputFiles('#file', file)
  const name = basename(file)
  await page
    .locator('#file-name', { hasText: name })
    .or(page.locator('#problem', { hasText: name }))
    .filter({ visible: true })
    .first()
    .waitFor({ timeout: 240_000 })
  const problem = await page.textContent('#problem')
  if (problem) throw new Error(problem)
  const rows = await page
    .locator('#probabilities tr')
    .evaluateAll((found) =>
      found.map((row): [string, number] => [
        row.querySelector('th')?.textContent ?? '',
        Number(row.querySelector('data')?.value),
      ]),
    )
  return { answer: (await page.textContent('#answer')) ?? '', probabilities: Object.fromEntries(rows) }
}

/**
 * Twenty images made from others: as they are, turned by EXIF, grey, very large, in another format.
 *
 * @param sources at least five
 * @returns their paths in `folder`
 */
export async function makeTwenty(folder: string, sources: readonly string[]): Promise<string[]> {
  // As bytes, since src/images/decode.ts has libvips open no files.
  const bytes = await Promise.all(sources.map((path) => readFile(path)))
  const source = (place: number) => sharp(bytes[place % bytes.length])
  const turned = [2, 3, 4, 5, 6, 7, 8].map((orientation, i): [string, sharp.Sharp] => [
    `turned-${orientation}.jpg`,
    source(i).withMetadata({ orientation }).jpeg({ quality: 92 }),
  ])
  const images: [string, sharp.Sharp][] = [
    ...turned,
    ['grey.jpg', source(7).grayscale().jpeg()],
    ['grey-turned.jpg', source(8).grayscale().withMetadata({ orientation: 6 }).jpeg()],
    ['large.jpg', source(0).resize(6000, 4000, { fit: 'fill' }).jpeg()],
    ['large-turned.jpg', source(1).resize(2001, 3003, { fit: 'fill' }).withMetadata({ orientation: 8 }).jpeg()],
    ['wide.jpg', source(2).resize(5200, 1300, { fit: 'fill' }).jpeg({ quality: 85 })],
    ['large.png', source(3).resize(3001, 2003, { fit: 'fill' }).png({ compressionLevel: 1 })],
    ['lossy.webp', source(4).resize(1203, 901, { fit: 'fill' }).webp({ quality: 90 })],
    ['turned.png', source(5).withMetadata({ orientation: 6 }).png()],
    ['progressive.jpg', source(6).resize(1601, 1207, { fit: 'fill' }).jpeg({ progressive: true })],
    ['full-chroma.jpg', source(7).jpeg({ chromaSubsampling: '4:4:4' })],
    ['small.png', source(8).resize(90, 70, { fit: 'fill' }).png()],
    ['half-clear.png', source(0).ensureAlpha(0.7).png()],
    ['poor.jpg', source(1).jpeg({ quality: 40 })],
  ]
  const paths: string[] = []
  for (const [name, image] of images) {
    const path = join(folder, name)
    await writeFile(path, await image.toBuffer())
    paths.push(path)
  }
  return paths
}
