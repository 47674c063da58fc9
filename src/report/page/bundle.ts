import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The page's own program as one script, Vega and all, and its style sheet; both minified, the same bytes every time. */
export async function bundleClient(): Promise<{ readonly script: string; readonly style: string }> {
  const [script, style] = await Promise.all(
    [new URL('./client/main.ts', import.meta.url), new URL('./page.css', import.meta.url)].map(bundle),
  )
  return { script: script ?? '', style: style ?? '' }
}

async function bundle(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}
