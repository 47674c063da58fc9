/** The oldest Node that can run set-up. This file imports nothing, so that much older versions can read it and say so. */
const OLDEST = [20, 9]

/** The problem with a version of Node and its remedy; undefined when it is new enough. */
export function nodeFault(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `Expected Node ${OLDEST.join('.')} or later, received ${version}. Install Node 24 with npm, from nodejs.org or with nvm.`
}
