/**
 * What the collector does with thousands of stages: its lock from the run cache, checkout, and a `dvc repro` that has nothing to do.
 *
 * usage   node bench/fan-out/many.ts [--configurations 1000] [--restore dvc]
 *
 * Three stages a configuration, which write a word each. The run cache is written here as DVC writes it, since running that many
 * stages takes hours; `--restore dvc` lets `dvc repro` restore the lock stage by stage, in place of src/dvc/restore-lock.ts.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { restoreLock } from '../../src/dvc/restore-lock.ts'

const { values } = parseArgs({
  options: { configurations: { type: 'string', default: '1000' }, restore: { type: 'string', default: 'ours' } },
})
const dvc = resolve('.venv/bin/dvc')
const names = Array.from({ length: Number(values.configurations) }, (_, index) => `c${String(index).padStart(4, '0')}`)
const GROUPS = ['train', 'evaluate', 'score']
const root = await mkdtemp(join(tmpdir(), 'paddock-many-'))
try {
  await makeProject()
  if (values.restore === 'ours') {
    const restored = await measured('lock from the run cache', () => restoreLock(root))
    console.log(`${restored.length} of ${names.length * GROUPS.length} stages`)
    await measured('dvc checkout', () => run('checkout', '--quiet'))
  }
  const log = await measured('dvc repro', () => run('repro'))
  console.log(
    `${log.match(/^Running stage/gm)?.length ?? 0} stages run, ${log.match(/is cached/g)?.length ?? 0} from the run cache`,
  )
} finally {
  await rm(root, { recursive: true, force: true })
}

async function run(...args: string[]): Promise<string> {
  return (await execa(dvc, args, { cwd: root, env: { PYTHONDONTWRITEBYTECODE: '' } })).stdout
}

async function makeProject(): Promise<void> {
  const stage = (group: string, dep: string) => ({
    foreach: '${models}',
    do: {
      cmd: `echo \${key} >artifacts/${group}/\${key}`,
      deps: [dep],
      params: ['models.${key}'],
      outs: [`artifacts/${group}/\${key}`],
    },
  })
  const deps = ['data.csv', 'artifacts/train/${key}', 'artifacts/evaluate/${key}']
  await write('data.csv', 'x\n')
  await write(
    'params.yaml',
    stringify({ models: Object.fromEntries(names.map((name, place) => [name, { lr: place }])) }),
  )
  await write(
    'dvc.yaml',
    stringify({ stages: Object.fromEntries(GROUPS.map((group, at) => [group, stage(group, deps[at] as string)])) }),
  )
  await execa('git', ['init', '--quiet'], { cwd: root })
  await run('init', '--quiet')
  await run('config', 'core.analytics', 'false')
  for (const [place, name] of names.entries()) {
    const text = `${name}\n`
    await write(`.dvc/cache/files/md5/${md5(text).slice(0, 2)}/${md5(text).slice(2)}`, text)
    for (const [at, group] of GROUPS.entries()) {
      const dep = (deps[at] as string).replace('${key}', name)
      const entry = (path: string, content: string) => ({ path, hash: 'md5', md5: md5(content), size: content.length })
      const params = { 'params.yaml': { [`models.${name}`]: { lr: place } } }
      const out = `artifacts/${group}/${name}`
      const cmd = `echo ${name} >${out}`
      const locked = { cmd, deps: [entry(dep, at === 0 ? 'x\n' : text)], params, outs: [entry(out, text)] }
      const {
        deps: [dependency],
        outs,
      } = locked
      const key = sha256({ cmd, deps: [dependency], outs: outs.map(({ path }) => path), params })
      await write(`.dvc/cache/runs/${key.slice(0, 2)}/${key}/${sha256(locked)}`, stringify(locked, { lineWidth: 0 }))
    }
  }
  for (const group of GROUPS) await mkdir(join(root, 'artifacts', group), { recursive: true })
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** SHA-256 of a value's JSON with sorted keys, as Python writes it. Source: dvc_data/hashfile and dvc/utils, `dict_sha256`. */
function sha256(value: unknown): string {
  const python = (each: unknown): string => {
    if (Array.isArray(each)) return `[${each.map(python).join(', ')}]`
    if (typeof each !== 'object' || each === null) return JSON.stringify(each)
    const entries = Object.entries(each)
      .filter(([name]) => name !== 'size' && name !== 'nfiles')
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}: ${python(inner)}`).join(', ')}}`
  }
  return createHash('sha256').update(python(value)).digest('hex')
}

async function measured<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const before = seconds()
  const result = await work()
  const wall = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${what}: ${(seconds() - before).toFixed(1)} s of a processor, ${wall} s`)
  return result
}

/** Processor time of this process and of its children that have ended. */
function seconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / 100
}
