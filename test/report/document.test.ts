import { describe, expect, it } from 'vitest'
import { code, link, paragraph, type Section, strong, text, view, withNames } from '../../src/report/document.ts'
import { blocksHtml } from '../../src/report/write-html.ts'
import { writeMarkdown } from '../../src/report/write-markdown.ts'

const sentence = paragraph(text`${strong('a*b')} of ${3} < ${code('c`d')}, see ${link('README', 'README.md')}`)

describe('a document', () => {
  it('says the same as Markdown and as HTML, whatever its names hold', () => {
    expect(writeMarkdown('<t>', [sentence], [])).toBe(
      '# \\<t\\>\n\n**a\\*b** of 3 \\< `` c`d ``, see [README](README.md)\n',
    )
    expect(blocksHtml([sentence], {})[0]?.text).toBe(
      '<p><strong>a*b</strong> of 3 &lt; <code>c`d</code>, see <a href="../../results/README.md">README</a></p>\n',
    )
  })

  it('has places that the page fills, and what other readers get instead', () => {
    const section: Section = { id: 'a', title: 'A', blocks: [view('labels', 'Look.', [paragraph('instead')])] }
    expect(writeMarkdown('t', [], [section, { ...section, pageOnly: true }])).toBe('# t\n\n## A\n\ninstead\n')
    expect(blocksHtml(section.blocks, {})[0]?.text).toContain('<div id="labels-view"></div><noscript><p>instead</p>')
  })
})

describe('withNames', () => {
  it('takes names and commands in a sentence for code', () => {
    const written = withNames((quote) => `Expected ${quote('a`b')}. Run \`npm run repro\`.`)
    expect(written).toEqual(['Expected ', { code: 'a`b' }, '. Run ', { code: 'npm run repro' }, '.'])
  })
})
