import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

type Options = Pick<BuildOptions, 'format' | 'legalComments'>

/** Bundles that this process has made, by entry and options. */
const made = new Map<string, Promise<string>>()

/** A browser program, or a style sheet, with all that it imports in one minified file; the same bytes every time. */
export function bundle(entry: URL, options: Options = {}): Promise<string> {
  const key = JSON.stringify([entry, options])
  const text = made.get(key) ?? make(entry, options)
  made.set(key, text)
  return text
}

async function make(entry: URL, options: Options): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    target: ['chrome117', 'firefox119', 'safari17.4'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    ...options,
  })
  return outputFiles[0]?.text ?? ''
}
