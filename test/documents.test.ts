import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BY_HAND, ELSEWHERE, IN_FRESH_CLONE, SERVED } from './support/documented-commands.ts'

const PAGES = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const GUIDES = ['README.md', '.github/CONTRIBUTING.md', ...PAGES]
/** All documents that link to each other. */
const DOCUMENTS = [...GUIDES, 'bench/README.md', 'results/README.md', 'results/model-card.md']

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Readonly<Record<string, string>> }

describe('README.md', () => {
  const readme = readFileSync('README.md', 'utf8')

  it('has at most 140 lines and 1,100 words, and three images', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(140)
    expect(readme.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(1100)
    expect([...readme.matchAll(/!\[(?!ci\])|<img /g)]).toHaveLength(3)
  })

  it('links to every page of docs/', () => {
    expect(PAGES.filter((page) => !readme.includes(`](${page})`))).toEqual([])
  })
})

describe('docs/README.md', () => {
  const index = readFileSync('docs/README.md', 'utf8')

  it('names every command', () => {
    const missing = Object.keys(scripts).filter((name) => !new RegExp(`\`${name}\``).test(index))
    expect(missing).toEqual([])
  })

  it('explains ten words', () => {
    const words = index.split('## Ten words')[1]?.match(/^- \*\*/gm)
    expect(words).toHaveLength(10)
  })
})

describe('docs/architecture.md', () => {
  const architecture = readFileSync('docs/architecture.md', 'utf8')

  it('shows folders and files that there are, and every room of src/', () => {
    const tree = architecture.split('```')[3] ?? ''
    const lines = tree.split('\n').filter((line) => line.trim() !== '')
    const paths = lines.flatMap((line) => {
      const names = line.trim().split(/\s{2,}/)[0] ?? ''
      return names.split(', ').map((name) => (line.startsWith('  ') ? `src/${name}` : name))
    })
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
    const rooms = readdirSync('src').map((name) => `src/${name}/`)
    expect(rooms.filter((room) => !paths.includes(room))).toEqual([])
  })

  it('takes you to twelve places, at about 25 lines a minute', () => {
    const stops = [...architecture.matchAll(/^\| \d+ \| \[.+?\]\(\.\.\/(.+?)\) \| .+ \| (\d+) \|$/gm)]
    expect(stops).toHaveLength(12)
    for (const [, path = '', minutes] of stops) {
      const lines = readFileSync(path, 'utf8').split('\n').length
      expect(Math.abs(Number(minutes) - lines / 25), path).toBeLessThan(2)
    }
  })
})

describe('the documents', () => {
  it.each(DOCUMENTS)('link to files and headings that there are: %s', (path) => {
    const faults = linksIn(path).filter(({ file, anchor }) => {
      if (!existsSync(file)) return true
      return anchor !== undefined && !anchorsIn(file).includes(decodeURIComponent(anchor))
    })
    expect(faults).toEqual([])
  })

  it('show images of less than 300 kB', () => {
    const images = GUIDES.flatMap(linksIn).filter(({ file }) => /\.(png|svg)$/.test(file))
    expect(images.length).toBeGreaterThan(7)
    expect(images.filter(({ file }) => statSync(file).size >= 300_000)).toEqual([])
  })

  it('name only scripts of package.json', () => {
    const named = GUIDES.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/npm run ([a-z][a-z:-]*[a-z])/g)])
    const names = [...new Set(named.map((match) => match[1] ?? ''))]
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('show commands that a test runs, each', () => {
    const run = [...IN_FRESH_CLONE, ...SERVED, ...Object.keys(ELSEWHERE), ...BY_HAND].sort()
    const shown = [...new Set(GUIDES.flatMap(commandsIn))].sort()
    // Prose names scripts: of such a name something must be run, of a command with arguments itself.
    const isName = (command: string) =>
      /^npm run [a-z:-]+$/.test(command) && run.some((each) => each.startsWith(`${command} `))
    expect(shown.filter((command) => !run.includes(command) && !isName(command))).toEqual([])
    expect(run.filter((command) => !shown.includes(command))).toEqual([])
  })

  it.each(Object.entries(ELSEWHERE))('show `%s`, which is run where the list says', (_, [file, words]) => {
    expect(readFileSync(file, 'utf8')).toContain(words)
  })
})

/** A block of code, from fence to fence. */
const BLOCK = /^```.*?^```$/gms

interface Link {
  readonly file: string
  readonly anchor: string | undefined
}

/** The links and images of a document that stay in the checkout, as paths from its root. */
function linksIn(path: string): Link[] {
  const text = withoutCode(readFileSync(path, 'utf8'))
  const found = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? '',
  )
  const own = found.filter((link) => !/^(https?:|\.\.\/\.\.\/actions\/)/.test(link))
  return own.map((link) => {
    const [file = '', anchor] = link.split('#')
    return { file: file === '' ? path : normalize(join(dirname(path), file)), anchor }
  })
}

/** The anchors that GitHub makes of the headings: lower case, letters, digits and `-_` alone, spaces as hyphens, repeated ones numbered. */
function anchorsIn(path: string): string[] {
  const text = readFileSync(path, 'utf8').replace(BLOCK, '')
  const seen = new Map<string, number>()
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading
      .replace(/\[(.+?)\]\(.+?\)/g, '$1')
      .trim()
      .toLowerCase()
    const anchor = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-')
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  })
}

function withoutCode(text: string): string {
  return text.replace(BLOCK, '').replace(/`[^`\n]+`/g, '')
}

/** What a person types, of our programs and git; of other programs docs/github.md says which were tried. */
const PROGRAM = /^(npm (run .|start|test)|npx |node |pipeline\/node |git |curl .*127\.0\.0\.1|\.ci\/run)/

/** The commands in blocks of code and between backquotes, without their comments. */
function commandsIn(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  const blocks = [...text.matchAll(BLOCK)].flatMap(([block]) => block.split('\n'))
  const inline = [...text.replace(BLOCK, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...inline].map((line) => line.replace(/\s+# .*$/, '').trim()).filter((line) => PROGRAM.test(line))
}
