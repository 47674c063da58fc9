import { describe, expect, it } from 'vitest'
import { readArguments } from '../../src/command-line/arguments.ts'

describe('readArguments', () => {
  const options = {
    port: { type: 'string' },
    model: { type: 'string', short: 'm' },
    json: { type: 'boolean' },
  } as const
  const read = (...args: string[]) => readArguments(args, { help: '', options })?.values

  it('takes a value that begins with a dash where it is joined to its option', () => {
    expect(read('--port=-1', '-m-x', '--json')).toEqual({ port: '-1', model: '-x', json: true })
  })

  it.each([
    [['--port', '-1'], '--port, received -1. Write --port=VALUE if it begins'],
    [['-m', '--json'], '-m, received --json. Write -mVALUE if it begins'],
  ])('says in one line how to write such a value: %s', (args, words) => {
    expect(() => read(...args)).toThrow(new RegExp(`^Expected a value after ${words} with a dash\\. See --help\\.$`))
  })
})
