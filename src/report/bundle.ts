import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

/** A browser program, or a style sheet, with all that it imports in one minified file; the same bytes every time. */
export async function bundle(
  entry: URL,
  options: Pick<BuildOptions, 'format' | 'legalComments'> = {},
): Promise<string> {
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
