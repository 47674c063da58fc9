import { isAbsolute, relative, resolve } from 'node:path'

/** What npm tells a script that it starts. */
export type NpmEnvironment = Readonly<Record<string, string | undefined>>

/**
 * The folder in which a person stands: npm starts a script in the checkout's root and hands that folder on in INIT_CWD.
 *
 * Only when npm started this very script: what runs another script inherits these variables, too.
 */
export function standingFolder(environment: NpmEnvironment = process.env, script = process.argv[1] ?? ''): string {
  const { INIT_CWD, npm_lifecycle_script: started = '', npm_package_json: manifest } = environment
  const isStarted = manifest === resolve('package.json') && started.split(' ').includes(relative('.', script))
  return isStarted && INIT_CWD ? INIT_CWD : process.cwd()
}

/** A path that a person gave, from the checkout's root; an absolute one as it is. */
export function givenPath(path: string, standing = standingFolder()): string {
  return isAbsolute(path) || standing === process.cwd() ? path : relative('.', resolve(standing, path)) || '.'
}

/** A path as the person would write it, where they stand. */
export function shownPath(path: string, standing = standingFolder()): string {
  return isAbsolute(path) || standing === process.cwd() ? path : relative(standing, path) || '.'
}
