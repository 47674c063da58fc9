import { describe, expect, it } from 'vitest'
import { literal, logLine } from '../../src/review/literal.ts'

describe('literal', () => {
  it('puts plain text between backticks', () => {
    expect(literal('train/cat/0002.png')).toBe('`train/cat/0002.png`')
    expect(literal('@team <b> [a](http://b) #1 $(x) ![i](j) <!-- c -->')).toBe(
      '`@team <b> [a](http://b) #1 $(x) ![i](j) <!-- c -->`',
    )
  })

  it('writes text that would end code or a cell as character references', () => {
    expect(literal('a`|b')).toBe('<code>a&#96;&#124;b</code>')
    expect(literal('`</code><script>')).toBe('<code>&#96;&#60;&#47;code&#62;&#60;script&#62;</code>')
  })

  it('stays on one line, shows hidden characters and cuts long text', () => {
    expect(literal('a\n# b\r\nc\u2028d')).toBe('`a # b c d`')
    expect(literal('cat\u202Egpj.exe\u200B')).toBe('`cat\uFFFDgpj.exe\uFFFD`')
    expect(literal('x'.repeat(1000)).length).toBe(203)
    expect(literal('  ')).toBe('<code>&nbsp;</code>')
  })
})

describe('logLine', () => {
  it('contains nothing that a runner reads as a command', () => {
    const line = logLine('a\n::add-mask::b\n##[group]c')
    expect(line).toBe('a : :add-mask: :b ## [group]c')
  })
})
