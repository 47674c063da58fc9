import { describe, expect, it } from 'vitest'
import { lockedVersions, type PackageLock } from '../../src/dvc/packages.ts'

describe('lockedVersions', () => {
  it('gives the versions of packages and of those that they need, by name', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/zx': { version: '8.0.0', dependencies: { b: '^1.0.0' } },
        'node_modules/b': { version: '1.2.3', dependencies: { zx: '*' } }, // a circle ends
        'node_modules/other': { version: '9.0.0' },
      },
    }
    expect(Object.entries(lockedVersions(lock, ['zx']))).toEqual([
      ['b', '1.2.3'],
      ['zx', '8.0.0'],
    ])
  })

  it('finds a package where Node does: nearest first', () => {
    const lock: PackageLock = {
      packages: {
        'node_modules/a': { version: '1.0.0', dependencies: { shared: '1', inner: '1' } },
        'node_modules/a/node_modules/inner': { version: '5.0.0', dependencies: { shared: '1' } },
        'node_modules/a/node_modules/shared': { version: '1.0.0' },
        'node_modules/b': { version: '1.0.0', dependencies: { shared: '2' } },
        'node_modules/shared': { version: '2.0.0' },
      },
    }
    expect(lockedVersions(lock, ['a'])).toEqual({ a: '1.0.0', inner: '5.0.0', shared: '1.0.0' })
    expect(lockedVersions(lock, ['a', 'b'])).toMatchObject({ shared: '1.0.0, 2.0.0' })
  })

  it('leaves out what differs between platforms, and what does not run', () => {
    const lock: PackageLock = {
      packages: {
        'node_modules/sharp': {
          version: '1.0.0',
          dependencies: { '@types/node': '*' },
          optionalDependencies: { '@img/sharp-linux-x64': '1.0.0', '@img/colour': '1.0.0', 'not-installed': '1.0.0' },
          peerDependencies: { typescript: '*' },
        },
        'node_modules/@img/sharp-linux-x64': { version: '1.0.0', optional: true },
        'node_modules/@img/colour': { version: '1.1.0' },
        'node_modules/@types/node': { version: '20.0.0' },
        'node_modules/typescript': { version: '5.0.0', dev: true },
      },
    }
    expect(lockedVersions(lock, ['sharp'])).toEqual({ '@img/colour': '1.1.0', sharp: '1.0.0' })
  })
})
