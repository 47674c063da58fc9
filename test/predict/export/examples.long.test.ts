import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeFileAtomically } from '../../../src/core/files.ts'
import { encodePng } from '../../../src/fetch/sample/png.ts'
import { SAMPLE_LABELS, samplePixels } from '../../../src/fetch/sample.ts'
import { decodePixels } from '../../../src/images/decode.ts'
import { loadModel } from '../../../src/network/saved.ts'
import type { Chosen } from '../../../src/predict/chosen.ts'
import { writeExport } from '../../../src/predict/export/export.ts'
import { classifyFiles } from '../../../src/predict/predict.ts'
import { CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../../support/browser.ts'
import { drawForeign, noveltyOf, saveSampleModel, TEMPERATURE } from '../../support/demo-model.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SIZE = 96
const WITHIN = 1e-3

/** What an example printed of an image; Transformers.js knows no distance, and gives every image a label. */
interface Said {
  readonly label: string | null
  readonly probability: number
  readonly distance?: number
}

describe('the examples of an export, with what a stranger installs', () => {
  const folder = temporaryFolder({ per: 'file' })
  const at = (...names: string[]) => join(folder.path, ...names)
  let files: string[]
  let expected: Required<Said>[]

  /** In the size of the network, so that nobody resizes it. */
  async function writeSmall(name: string, image: Uint8Array): Promise<string> {
    await writeFileAtomically(at(name), encodePng(await decodePixels(image, { size: SIZE, fit: 'cover' }), SIZE))
    return at(name)
  }

  beforeAll(async () => {
    files = await Promise.all(
      SAMPLE_LABELS.flatMap((label) =>
        [1, 2, 3].map((number) => {
          const image = encodePng(samplePixels({ set: 'train', label, number, size: 320 }, 1), 320)
          return writeSmall(`${label} ${number}.png`, image)
        }),
      ),
    )
    files.push(await writeSmall('foreign.png', await drawForeign()))
    // Nothing to resize in these either: one fades to nothing, two are cropped, by an even and an odd number of rows.
    const cat = sharp(encodePng(samplePixels({ set: 'train', label: 'cat', number: 5, size: 320 }, 1), 320))
    const fade = Buffer.from(Array.from({ length: SIZE * SIZE }, (_, i) => Math.round((255 * (i % SIZE)) / (SIZE - 1))))
    const alpha = cat
      .clone()
      .resize(SIZE)
      .joinChannel(fade, { raw: { width: SIZE, height: SIZE, channels: 1 } })
    await writeFile(at('alpha.png'), await alpha.png().toBuffer())
    for (const [name, height] of [
      ['portrait', 144],
      ['odd', 143],
    ] as const) {
      const image = cat.clone().resize(SIZE, height, { fit: 'fill' })
      await writeFile(at(`${name}.png`), await image.png().toBuffer())
    }
    files.push(...['portrait.png', 'odd.png', 'alpha.png'].map((name) => at(name)))
    await saveSampleModel(at('model'))
    const model = await loadModel(at('model'))
    const chosen: Chosen = {
      name: 'net',
      model,
      digest: 'abc',
      calibration: { temperature: TEMPERATURE, outcome: 'fitted' },
      novelty: await noveltyOf(model),
    }
    const images = SAMPLE_LABELS.map((label) => samplePixels({ set: 'train', label, number: 1, size: SIZE }, 1))
    const agreement = await writeExport(at('export'), chosen, {
      count: images.length,
      variants: 1,
      inputShape: [SIZE, SIZE, 3],
      labels: Int32Array.from(images.keys()),
      ids: SAMPLE_LABELS,
      read: async (rows) => Buffer.concat(rows.map((row) => images[row] ?? new Uint8Array(0))),
      close: async () => {},
    })
    expect(agreement).toMatchObject({ images: 3, otherAnswers: 0 })
    expect(agreement.greatestDistanceDifference).toBeGreaterThan(0)
    expect(agreement.greatestDistanceDifference).toBeLessThan(1e-4)
    expected = []
    for await (const answer of classifyFiles(chosen, files)) {
      if ('problem' in answer) throw new Error(answer.problem)
      const { label, probabilities, distance } = answer
      expected.push({ label, probability: Math.max(...Object.values(probabilities)), distance: distance ?? Number.NaN })
    }
    expect(new Set(expected.map(({ label }) => label)).size).toBe(4)
    expect(expected[files.indexOf(at('foreign.png'))]?.label).toBeNull()
    await writeFile(at('package.json'), '{"private": true, "type": "module"}')
    const packages = ['onnxruntime-node@1.30.0', 'sharp@0.34.5', '@huggingface/transformers@4.3.2']
    await execa('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
      cwd: folder.path,
    })
    await cp(at('export'), at('copy'), { recursive: true })
  })

  /** @param alpha how far the numbers of the last image, which has an alpha channel, may be off */
  function expectAnswers(answers: readonly Said[], { alpha = WITHIN } = {}): void {
    expect(answers.map(({ label }) => label)).toEqual(expected.map(({ label }) => label))
    answers.forEach(({ label, probability, distance }, i) => {
      const ours = expected[i] as Required<Said>
      const within = i === files.length - 1 ? alpha : WITHIN
      if (label !== null) expect(Math.abs(probability - ours.probability), files[i]).toBeLessThan(within)
      expect(Math.abs((distance ?? Number.NaN) - ours.distance), files[i]).toBeLessThan(within)
    })
  }

  /** `cat 0.981, distance 0.0123` or `null, nearest dog 6 cat 4, distance 0.4123` */
  function parseAnswer(text: string): Said {
    const [, known, foreign, distance] =
      /^(?:(.* [01]\.\d{3})|(null, nearest .*\d)), distance (\d\.\d{4})$/s.exec(text) ?? []
    if (foreign !== undefined) return { label: null, probability: Number.NaN, distance: Number(distance) }
    if (known === undefined) throw new Error(`not an answer: ${text}`)
    const end = known.lastIndexOf(' ')
    return { label: known.slice(0, end), probability: Number(known.slice(end + 1)), distance: Number(distance) }
  }

  /** Lines such as `photo.jpg: cat 0.981, distance 0.0123`. */
  function parseLines(stdout: string): Said[] {
    return stdout.split('\n').map((line, i) => parseAnswer(line.slice(`${files[i]}: `.length)))
  }

  it('answer as predict does, in Python with ONNX Runtime, from pixels within 4 of 255', async () => {
    const python = at('python')
    await execa('python3', ['-m', 'pip', 'install', '--quiet', '--target', python, 'onnxruntime', 'pillow'])
    const env = { PYTHONPATH: python }
    const large = at('large portrait.png')
    await writeFile(
      large,
      await sharp(await readFile(at('alpha.png')))
        .resize(301, 457, { fit: 'fill' })
        .png()
        .toBuffer(),
    )
    const read = `import runpy, sys
path, sys.argv = sys.argv[1:], [""]
pixels = runpy.run_path(path[0])["pixels_of"](path[1])
sys.stdout.buffer.write(pixels.astype("uint8").tobytes())`
    for (const [path, most] of [
      [at('odd.png'), 0],
      [at('alpha.png'), 1],
      [large, 4],
    ] as const) {
      const { stdout: theirs } = await execa('python3', ['-c', read, at('copy/examples/predict.py'), path], {
        env,
        encoding: 'buffer',
      })
      const ours = await decodePixels(path, { size: SIZE, fit: 'cover' })
      expect(theirs.length, path).toBe(ours.length)
      const differences = ours.map((value, place) => Math.abs(value - (theirs[place] ?? Number.NaN)))
      expect(Math.max(...differences), path).toBeLessThanOrEqual(most)
    }
    const { stdout } = await execa('python3', [at('copy/examples/predict.py'), ...files], { env })
    expectAnswers(parseLines(stdout), { alpha: 5 * WITHIN }) // Pillow rounds what it multiplies with alpha
  })

  it('answer as predict does, in Node with ONNX Runtime', async () => {
    const { stdout } = await execa('node', [at('copy/examples/predict.mjs'), ...files])
    expectAnswers(parseLines(stdout))
  })

  it('answer as predict does, in Transformers.js', async () => {
    await writeFile(
      at('classify.mjs'),
      `import { env, pipeline } from '@huggingface/transformers'
env.allowRemoteModels = false
env.localModelPath = ${JSON.stringify(`${folder.path}/`)}
const classify = await pipeline('image-classification', 'copy', { dtype: 'fp32' })
for (const path of process.argv.slice(2)) console.log(JSON.stringify((await classify(path))[0]))`,
    )
    const asked = files.slice(0, -2) // it crops an odd number of rows one pixel higher, and drops an alpha channel
    const { stdout } = await execa('node', [at('classify.mjs'), ...asked])
    const answers = stdout.split('\n').map((line) => JSON.parse(line) as { label: string; score: number })
    for (const [i, { label, score }] of answers.entries()) {
      const ours = expected[i] as Required<Said>
      if (ours.label !== null) expect(label).toBe(ours.label)
      expect(Math.abs(score - ours.probability)).toBeLessThan(WITHIN)
    }
    expect(answers).toHaveLength(asked.length)
  })

  it.skipIf(CHROMIUM === undefined)(`answer as predict does, in a browser${WITHOUT_CHROMIUM}`, async () => {
    await symlink(join(process.cwd(), 'node_modules'), at('copy/node_modules'))
    const types: Record<string, string> = {
      '.html': 'text/html',
      '.mjs': 'text/javascript',
      '.wasm': 'application/wasm',
    }
    const server = createServer(async (request, response) => {
      const path = at('copy', new URL(request.url ?? '/', 'http://localhost').pathname)
      const content = await readFile(path).catch(() => undefined)
      response.writeHead(content ? 200 : 404, { 'content-type': types[extname(path)] ?? 'application/octet-stream' })
      response.end(content)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await openBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/examples/index.html`)
      const answers: Said[] = []
      for (const file of files) {
        const before = await page.locator('output').textContent()
        await page.locator('input').setInputFiles(file)
        await page.waitForFunction((old) => document.querySelector('output')?.textContent !== old, before)
        const text = (await page.locator('output').textContent()) ?? ''
        answers.push(parseAnswer(text))
      }
      expectAnswers(answers, { alpha: 5 * WITHIN }) // a canvas rounds what it multiplies with alpha
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  })
})
