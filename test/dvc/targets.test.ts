import { describe, expect, it } from 'vitest'
import { checkTargets } from '../../src/dvc/targets.ts'

const STAGES = ['fetch', 'train@net-a', 'train@net-b', 'gate']

describe('checkTargets', () => {
  it('lets stages, groups of stages, files of DVC and options pass', () => {
    checkTargets(['fetch', 'train@net-b', 'train', 'dvc.yaml:gate', 'data.dvc', '--force', '-fk'], STAGES)
    checkTargets(['tr*', '--glob'], STAGES)
    checkTargets(['below', '-R'], STAGES)
    checkTargets(['below', '--recursive'], STAGES)
    checkTargets(['anything'], undefined)
  })

  it.each([
    [
      'train@net-c',
      'Expected a stage, one of fetch, train@net-a, train, train@net-b, gate, received train@net-c. Did you mean train@net-a?',
    ],
    [
      'nope',
      'Expected a stage, one of fetch, train@net-a, train, train@net-b, gate, received nope. Name one of these.',
    ],
    ['--forse', 'Expected an option of `dvc repro`, received --forse. Did you mean --force?'],
    ['-x', /^Expected an option of `dvc repro`, received -x\. Its options are --help, .*--dry, .*$/],
  ])('refuses %s in one line', (arg, message) => {
    expect(() => checkTargets([arg], STAGES)).toThrow(message)
  })
})
