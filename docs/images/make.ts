/**
 * Makes the images of README.md and docs/README.ja.md from the built-in sample: trains it, and once more with fewer epochs as a pull request would.
 *
 * usage   npm ci --prefix docs/images && pipeline/node docs/images/make.ts
 * reads   the checkout, changes that are not committed included; a browser (npm run setup -- --ci-tools)
 * writes  docs/images/{review-light,review-dark,report,demo}.png, docs/images/lesson-*.svg
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { marked } from 'marked'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { LESSONS } from '../../lessons/lessons.ts'
import { openDemoServer } from '../../src/predict/demo-server.ts'
import { openBrowser } from '../../test/support/browser.ts'
import { type Clone, cloneCheckout, commit, GIT_USER } from '../../test/support/clone.ts'
import { askDemo, openDemoPage } from '../../test/support/demo.ts'

const FOLDER = import.meta.dirname
const SCALE = { deviceScaleFactor: 2 }
/** What a pull request to the sample could change: three quarters of the epochs. */
const CHANGE = { 'train.epochs': 6, 'models.mobilenet025-zero.epochs': 9 }

const clone = await cloneCheckout()
const browser = await openBrowser()
try {
  for (const name of Object.keys(LESSONS)) {
    await expectDone(clone.run('lesson', name, '--lang', 'ja'))
    await cp(join(clone.root, `artifacts/lessons/${name}.svg`), join(FOLDER, `lesson-${name}.svg`))
  }
  await expectDone(clone.run('repro'))
  await drawDemo(browser, clone.root)
  await drawReview(browser, await reviewOfChange(clone))
  await drawReport(browser, clone.root)
} finally {
  await browser.close()
  await clone.remove()
}

/** The review of a commit with the change, beside the one before, as Markdown. */
async function reviewOfChange(clone: Clone): Promise<string> {
  await clone.git('add', '--all')
  await clone.git(...GIT_USER, 'commit', '--quiet', '--allow-empty', '--message', 'base') // empty where dvc.lock is of this code
  await clone.git('branch', 'main')
  await clone.set(CHANGE)
  await expectDone(clone.run('repro'))
  await commit(clone)
  await expectDone(clone.run('review', '--base', 'main', '--markdown', '.paddock/review.md'))
  return clone.read('.paddock/review.md')
}

/** The comment as GitHub shows it, light and dark. */
async function drawReview(browser: Browser, markdown: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-images-'))
  const path = join(folder, 'comment.html')
  await writeFile(path, comment(await marked(markdown)))
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ ...SCALE, colorScheme, viewport: { width: 980, height: 800 } })
    await page.goto(pathToFileURL(path).href)
    await page.evaluate(() => document.fonts.ready)
    await save(`review-${colorScheme}`, await page.locator('body').screenshot())
    await page.close()
  }
  await rm(folder, { recursive: true })
}

function comment(body: string): string {
  const sheets = [
    '@fontsource/noto-sans/400.css',
    '@fontsource/noto-sans/600.css',
    '@fontsource/noto-color-emoji/emoji-400.css',
    'github-markdown-css/github-markdown.css',
  ]
  const links = sheets.map((sheet) => {
    const { href } = pathToFileURL(join(FOLDER, 'node_modules', sheet))
    return `<link rel="stylesheet" href="${href}">`
  })
  return `<!doctype html><meta charset="utf-8">${links.join('')}
<style>
  :root { color-scheme: light dark }
  body.markdown-body { margin: 0; padding: 1px; font-family: 'Noto Sans', 'Noto Color Emoji', sans-serif; font-size: 14px }
  .frame { border: 1px solid var(--borderColor-default); border-radius: 6px; overflow: hidden }
  .who { padding: 8px 16px; background: var(--bgColor-muted); border-bottom: 1px solid var(--borderColor-default); color: var(--fgColor-muted) }
  .who b { color: var(--fgColor-default) }
  .text { padding: 16px }
  .text > :first-child { margin-top: 0 }
</style>
<body class="markdown-body"><div class="frame"><div class="who"><b>github-actions</b> bot commented</div><div class="text">${body}</div></div></body>`
}

/** The first three wrong images on the page of results. */
async function drawReport(browser: Browser, root: string): Promise<void> {
  const page = await browser.newPage({ ...SCALE, colorScheme: 'light', viewport: { width: 1280, height: 1000 } })
  await page.goto(pathToFileURL(join(root, 'artifacts/report/index.html')).href)
  await page.waitForFunction(() => document.querySelectorAll('.chart svg').length > 0)
  await page.locator('#mistakes select').first().selectOption('original-zero')
  await page.locator('.wrongs > *').nth(2).waitFor()
  const frame = await page.evaluate(() => {
    const { x, y, width } = document.querySelector('#mistakes')?.getBoundingClientRect() ?? new DOMRect()
    return { x, y, width, bottom: document.querySelectorAll('.wrongs > *')[2]?.getBoundingClientRect().bottom ?? y }
  })
  const margin = 24
  const clip = {
    x: frame.x - margin,
    y: frame.y - margin,
    width: frame.width + 2 * margin,
    height: frame.bottom - frame.y + 2 * margin,
  }
  await save('report', await page.screenshot({ fullPage: true, clip }))
  await page.close()
}

/** The demo with a test image of the sample. */
async function drawDemo(browser: Browser, root: string): Promise<void> {
  const server = await openDemoServer(join(root, 'artifacts/report/demo'))
  try {
    const options = { ...SCALE, colorScheme: 'light', viewport: { width: 900, height: 900 } } as const
    const page: Page = await openDemoPage(browser, server.url, [], options)
    await askDemo(page, join(root, 'data/test/horse/0004.png'))
    await page.waitForTimeout(2000) // the heat map
    await save('demo', await page.screenshot({ fullPage: true }))
    await page.close()
  } finally {
    await server.close()
  }
}

/** Writes a PNG with a palette: half the bytes. */
async function save(name: string, png: Buffer): Promise<void> {
  const { data, info } = await sharp(png).png({ palette: true, colours: 256 }).toBuffer({ resolveWithObject: true })
  await writeFile(join(FOLDER, `${name}.png`), data)
  console.log(`images: ${name}.png, ${info.width} x ${info.height}, ${Math.ceil(data.length / 1000)} kB`)
}

async function expectDone(running: ReturnType<Clone['run']>): Promise<void> {
  const { exitCode, output } = await running
  if (exitCode !== 0) throw new Error(output)
}
