/**
 * A program in one file, compiled, so that it starts in a fifth of the time: loading some hundred modules, and translating
 * ours, takes longer than all the work of `verify`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const FOLDER = path.join(root, '.paddock/bundles')

/** Runs the bundle of `entry`, made anew when the code or a package has changed since it was. */
export async function runBundled(entry, name) {
  const bundle = path.join(FOLDER, `${name}-${digest(entry)}.cjs`)
  if (!existsSync(bundle)) await make(entry, name, bundle)
  const compiled = `${bundle}.${process.version}.compiled`
  const cachedData = existsSync(compiled) ? readFileSync(compiled) : undefined
  const text = `(function (require, module, exports) {${readFileSync(bundle, 'utf8')}\n})`
  const script = new vm.Script(text, { filename: bundle, ...(cachedData && { cachedData }) })
  const module = { exports: {} }
  script.runInThisContext()(createRequire(bundle), module, module.exports)
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once('exit', () => write(compiled, script.createCachedData())) // holds what ran, not what was only parsed
  }
}

async function make(entry, name, bundle) {
  const { build } = await import('esbuild')
  mkdirSync(FOLDER, { recursive: true })
  const { outputFiles } = await build({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    write: false,
  })
  for (const old of readdirSync(FOLDER)) if (old.startsWith(`${name}-`)) rmSync(path.join(FOLDER, old), { force: true })
  write(bundle, outputFiles[0].contents)
}

function write(file, content) {
  const unfinished = `${file}.${process.pid}.tmp`
  writeFileSync(unfinished, content)
  renameSync(unfinished, file)
}

/** Of all code that the bundle may hold, and of the packages' versions. */
function digest(entry) {
  const hash = createHash('sha256')
  const add = (file) =>
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${root}/${file}`))
      .update('\0')
  for (const file of [entry, 'package-lock.json', ...programs('src')]) add(file)
  return hash.digest('hex').slice(0, 16)
}

function programs(folder) {
  const entries = readdirSync(`${root}/${folder}`, { withFileTypes: true })
  const below = entries.flatMap((entry) => (entry.isDirectory() ? programs(`${folder}/${entry.name}`) : []))
  const files = entries.filter(({ name }) => name.endsWith('.ts')).map(({ name }) => `${folder}/${name}`)
  return [...files, ...below].sort()
}
