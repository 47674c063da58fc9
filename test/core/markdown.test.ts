import { describe, expect, it } from 'vitest'
import { code, escaped, oneLine } from '../../src/core/markdown.ts'

describe('escaped', () => {
  it('leaves ordinary names as they are', () => {
    expect(escaped('snow_leopard 2, Ä')).toBe('snow_leopard 2, Ä')
  })

  it('takes the meaning from what Markdown would read', () => {
    expect(escaped('_a_ | *b* [c](d) <e> `f` ~g~ &amp;')).toBe(
      '\\_a\\_ \\| \\*b\\* \\[c\\](d) \\<e\\> \\`f\\` \\~g\\~ \\&amp;',
    )
  })

  it('keeps a name with a line break in its cell', () => {
    expect(escaped('a\r\n| b')).toBe('a \\| b')
  })
})

describe('code', () => {
  it('has a longer fence than the text', () => {
    expect(code('a.png')).toBe('`a.png`')
    expect(code('a`b``c')).toBe('``` a`b``c ```')
  })
})

describe('oneLine', () => {
  it('has no control characters', () => {
    expect(oneLine('a\u001b[31mb\n::error::c\u2028d')).toBe('a [31mb ::error::c d')
  })
})
