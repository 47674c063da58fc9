import { describe, expect, it } from 'vitest'
import { wrapHelp } from '../../src/command-line/wrap.ts'

const LONG = 'four score and seven years ago our fathers brought forth on this continent a nation,'

describe('wrapHelp', () => {
  it('leaves what fits as it is', () => {
    const text = 'usage: npm run x\n\nOne line.\nAnother one.\n\n  --help   this text'
    expect(wrapHelp(text)).toBe(text)
  })

  it('lets a paragraph flow on from line to line', () => {
    expect(wrapHelp(`${LONG}\nconceived in liberty.\n\nEnd.`)).toBe(
      'four score and seven years ago our fathers brought forth on this continent a\nnation, conceived in liberty.\n\nEnd.',
    )
  })

  it('keeps the words of an option in their column, and the options apart', () => {
    expect(wrapHelp(`  --a   ${LONG}\n        and so on\n  --b   short`)).toBe(
      [
        '  --a   four score and seven years ago our fathers brought forth on this',
        '        continent a nation, and so on',
        '  --b   short',
      ].join('\n'),
    )
  })

  it('puts words that have too little room below their option', () => {
    expect(wrapHelp(`  ${'--a'.padEnd(56)} ${LONG}`)).toBe(
      [
        '  --a',
        '      four score and seven years ago our fathers brought forth on this continent',
        '      a nation,',
      ].join('\n'),
    )
  })

  it('goes on below the command in a line of usage, and does not join two of them', () => {
    const flags = Array.from({ length: 9 }, (_, i) => `[--flag${i}]`).join(' ')
    expect(wrapHelp(`usage: npm run x ${flags}\n       npm run y`)).toBe(
      [
        'usage: npm run x [--flag0] [--flag1] [--flag2] [--flag3] [--flag4] [--flag5]',
        '       [--flag6] [--flag7] [--flag8]',
        '       npm run y',
      ].join('\n'),
    )
  })
})
