import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const readme = await readFile('README.md', 'utf8')
const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Readonly<Record<string, string>> }

describe('the README', () => {
  it('names only commands that there are', () => {
    const named = [...readme.matchAll(/npm run ([a-z:-]*[a-z])/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('names every command', () => {
    const missing = Object.keys(scripts).filter((name) => !new RegExp(`(npm (run )?|\`)${name}\\b`).test(readme))
    expect(missing).toEqual([])
  })

  it('shows folders and files that there are', () => {
    const tree = readme.split('## Where things are')[1]?.split('```')[1] ?? ''
    const lines = tree.split('\n').filter((line) => line.trim() !== '')
    const paths = lines.flatMap((line) => {
      const names = line.trim().split(/\s{2,}/)[0] ?? ''
      return names.split(', ').map((name) => (line.startsWith('  ') ? `src/${name}` : name))
    })
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  it('links to files that there are', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !link.startsWith('http') && !existsSync(link))).toEqual([])
  })
})
