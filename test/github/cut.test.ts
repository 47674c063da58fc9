import { describe, expect, it } from 'vitest'
import { bytesOf, cutMarkdown } from '../../src/github/cut.ts'

const wholeAt = 'https://github.test/run'

describe('cutMarkdown', () => {
  it('leaves alone what fits, to the last character', () => {
    expect(cutMarkdown('abc', { limit: 3, wholeAt })).toBe('abc')
  })

  it('ends between two paragraphs, and says where the whole is', () => {
    const text = `${'a'.repeat(100)}\n\n${'b'.repeat(100)}\n\n${'c'.repeat(200)}`
    const cut = cutMarkdown(text, { limit: 320, wholeAt })
    expect(cut).toBe(
      `${'a'.repeat(100)}\n\n${'b'.repeat(100)}\n\n**Cut here: [the whole](${wholeAt}) is too long for this place.**\n`,
    )
  })

  it('keeps the rows of a table whole, and closes what it cut open', () => {
    const text = `<details>\n<summary>s</summary>\n\n| a |\n| - |\n${'| row |\n'.repeat(100)}\n</details>`
    const cut = cutMarkdown(text, { limit: 400, wholeAt })
    expect(cut.length).toBeLessThanOrEqual(400)
    expect(cut.match(/<details>/g)).toHaveLength(1)
    expect(cut.match(/<\/details>/g)).toHaveLength(1)
    expect(
      cut
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith(' |')),
    ).toBe(true)
    const code = cutMarkdown(`\`\`\`\n${'x\n'.repeat(400)}\`\`\``, { limit: 200, wholeAt })
    expect(code.match(/```/g)).toHaveLength(2)
  })

  it('cuts a single long line between characters, counted in bytes where bytes are limited', () => {
    const cut = cutMarkdown('🐎'.repeat(1000), { limit: 500, sizeOf: bytesOf, wholeAt })
    expect(bytesOf(cut)).toBeLessThanOrEqual(500)
    expect(bytesOf(cut)).toBeGreaterThan(490)
    expect(Buffer.from(cut).toString()).not.toContain('\uFFFD')
  })
})
