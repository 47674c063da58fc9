import { describe, expect, it } from 'vitest'
import { paragraph, strong, text } from '../../src/report/document.ts'
import { blocksHtml, Html, html, scriptJson } from '../../src/report/write-html.ts'

describe('html', () => {
  it('escapes what is put into text and attributes', () => {
    const name = `<script>alert("it's")</script> & more`
    expect(html`<b title="${name}">${name}</b>`.text).toBe(
      '<b title="&lt;script&gt;alert(&quot;it&#39;s&quot;)&lt;/script&gt; &amp; more">&lt;script&gt;alert(&quot;it&#39;s&quot;)&lt;/script&gt; &amp; more</b>',
    )
  })

  it('keeps markup of its own, one piece or many, and numbers', () => {
    expect(html`<ul>${[1, 2].map((number) => html`<li>${number}</li>`)}</ul>${new Html('<hr>')}`.text).toBe(
      '<ul><li>1</li><li>2</li></ul><hr>',
    )
  })
})

describe('blocksHtml', () => {
  it('ends no line before a percent sign', () => {
    const [html] = blocksHtml([paragraph(text`${strong('100.0 %')}, at least ${'95.0 %'}`)], {})
    expect(html?.text).toBe('<p><strong>100.0\u00a0%</strong>, at least 95.0\u00a0%</p>\n')
  })
})

describe('scriptJson', () => {
  it('holds nothing that ends a script element or a line, and reads as what it was', () => {
    const value = { name: '</script><!-- \u2028', numbers: [1, null] }
    const { text } = scriptJson(value)
    expect(text).toBe('{"name":"\\u003c/script>\\u003c!-- \\u2028","numbers":[1,null]}')
    expect(JSON.parse(text)).toEqual(value)
  })
})
