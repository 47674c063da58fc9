import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { chooseConfiguration } from '../../src/command-line/choose.ts'
import { parseParams } from '../../src/command-line/params.ts'

const sample = await readFile('profiles/sample.yaml', 'utf8')
const params = parseParams(`${sample.slice(0, sample.indexOf('models:'))}models:
  first: {architecture: original, mode: zero}
  second: {architecture: mobilenet, mode: transfer, width: 0.25}
  third: {architecture: mobilenet, mode: transfer, width: 0.75}
  fourth: {architecture: mobilenet, mode: zero, width: 0.75}
`)

describe('chooseConfiguration', () => {
  it('gives the named entry, or the first one of the architecture and mode', () => {
    expect(chooseConfiguration(params, { config: 'third' })).toBe('third')
    expect(chooseConfiguration(params, { m: 'mobilenet', t: 'transfer' })).toBe('second')
    expect(chooseConfiguration(params, { m: 'mobilenet', t: 'zero' })).toBe('fourth')
    expect(chooseConfiguration(params, { m: 'original' })).toBe('first')
  })

  it('needs no name where there is one entry', () => {
    const { first } = params.models
    const one = { ...params, models: first ? { first } : {} }
    expect(chooseConfiguration(one, {})).toBe('first')
    expect(() => chooseConfiguration(one, { config: 'second' })).toThrow('received --config second')
  })

  it.each([
    [{}, 'received neither'],
    [{ config: 'fifth' }, 'received --config fifth'],
    [{ m: 'resnet', t: 'zero' }, 'received -m resnet -t zero'],
    [{ config: 'first', m: 'original' }, 'received --config first -m original'],
    [{ config: 'toString' }, 'received --config toString'],
  ])('lists in one line what there is for %o', (choice, message) => {
    const choose = () => chooseConfiguration(params, choice)
    expect(choose).toThrow(message)
    expect(choose).toThrow(/^.*second \(-m mobilenet -t transfer\), third .*$/)
  })
})
