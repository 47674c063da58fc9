import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { DataError, fileFailure, messageOf } from '../../src/core/errors.ts'

function denied() {
  const error = new Error("EACCES: permission denied, mkdir '.paddock'")
  return Promise.reject(Object.assign(error, { code: 'EACCES', syscall: 'mkdir', path: '.paddock' }))
}

describe('fileFailure', () => {
  it.each([
    [() => readdir('none'), 'a folder to list, received nothing at none. Check the name.'],
    [
      () => readdir('src/core/errors.ts'),
      'a folder to list, received a file in place of a folder at src/core/errors.ts.',
    ],
    [() => mkdir('package.json'), 'a place for a folder, received something that is there already at package.json.'],
    [() => writeFile('src', ''), 'a file to open, received a folder at src. Name a file.'],
    // the name that was meant, not the temporary one
    [() => writeFile('none/a.csv.12.0123abcd.tmp', ''), 'a file to open, received nothing at none/a.csv. Check'],
    [denied, 'a place for a folder, received no permission at .paddock. Change the rights'],
    [() => execa('no-such-program'), 'a program, received no program no-such-program that can be started. Install it.'],
  ])('says what %s found, and what to do', async (work, message) => {
    const error = await Promise.resolve(work()).catch((thrown: unknown) => thrown)
    expect(fileFailure(error)?.message).toContain(`Expected ${message}`)
    expect(messageOf(error)).toMatch(/^(nothing|a file|a folder|something|no permission|no program) /)
  })

  it('leaves bugs, other failures and what has a message already', async () => {
    expect(fileFailure(new TypeError('a bug'))).toBeUndefined()
    const exited = await execa('false').catch((error: unknown) => error)
    expect(fileFailure(exited)).toBeUndefined()
    const cause = await readdir('none').catch((error: unknown) => error)
    expect(fileFailure(new DataError('Expected this.', { cause }))).toBeUndefined()
  })
})
