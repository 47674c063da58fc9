/** Links of a checkout to what the cache holds. */
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'

/** Whether `link` leads to `file`, and that is there. */
export function isLinked(link, file) {
  try {
    return readlinkSync(link) === file && existsSync(file)
  } catch {
    return false
  }
}

/** Makes `link` lead to `file`, in one step. */
export function makeLink(link, file) {
  const fresh = `${link}.${process.pid}`
  mkdirSync(path.dirname(link), { recursive: true })
  rmSync(fresh, { force: true })
  symlinkSync(file, fresh)
  renameSync(fresh, link)
}
