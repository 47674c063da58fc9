import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { PaddockError } from '../../src/core/errors.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import type { Clone } from './clone.ts'

/**
 * The message of a command that refuses, run in this process in the clone.
 *
 * Expects one line, and that the images, their pin, the parameters and the frozen test set are what they were.
 */
export async function refusal(clone: Clone, command: () => Promise<unknown>): Promise<string> {
  const state = async () => [
    await hashFolder('data').catch(() => 'none'),
    await clone.read('data.dvc'),
    await clone.read('params.yaml'),
    await clone.read('test-set.csv'),
    await clone.read('exclude.csv'),
    await readdir('.paddock').catch(() => []),
  ]
  const before = await state()
  const error = await command().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PaddockError)
  expect(await state()).toEqual(before)
  const { message } = error as PaddockError
  expect(message).not.toContain('\n')
  return message
}

/** The files below a folder, by path. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
