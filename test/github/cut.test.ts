import { describe, expect, it } from 'vitest'
import { cutMarkdown } from '../../src/github/cut.ts'

const fullTextUrl = 'https://github.test/run'

describe('cutMarkdown', () => {
  it('returns a text that fits exactly unchanged', () => {
    expect(cutMarkdown('abc', { limit: 3, fullTextUrl })).toBe('abc')
  })

  it('cuts between two paragraphs and links to the full text', () => {
    const text = `${'a'.repeat(100)}\n\n${'b'.repeat(100)}\n\n${'c'.repeat(200)}`
    const cut = cutMarkdown(text, { limit: 320, fullTextUrl })
    expect(cut).toBe(
      `${'a'.repeat(100)}\n\n${'b'.repeat(100)}\n\n**Cut here: the [full text](${fullTextUrl}) is too long for this place.**\n`,
    )
  })

  it('cuts a table between rows and closes open blocks', () => {
    const text = `<details>\n<summary>s</summary>\n\n| a |\n| - |\n${'| row |\n'.repeat(100)}\n</details>`
    const cut = cutMarkdown(text, { limit: 400, fullTextUrl })
    expect(cut.length).toBeLessThanOrEqual(400)
    expect(cut.match(/<details>/g)).toHaveLength(1)
    expect(cut.match(/<\/details>/g)).toHaveLength(1)
    expect(
      cut
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith(' |')),
    ).toBe(true)
    const code = cutMarkdown(`\`\`\`\n${'x\n'.repeat(400)}\`\`\``, { limit: 200, fullTextUrl })
    expect(code.match(/```/g)).toHaveLength(2)
  })

  it('cuts a single long line between characters, also by a limit in bytes', () => {
    const cut = cutMarkdown('🐎'.repeat(1000), { limit: 500, sizeOf: Buffer.byteLength, fullTextUrl })
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(500)
    expect(Buffer.byteLength(cut)).toBeGreaterThan(490)
    expect(Buffer.from(cut).toString()).not.toContain('\uFFFD')
  })
})
