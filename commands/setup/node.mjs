/** The oldest Node. Imports nothing, and is written so that far older ones can read it: they shall say it in one line too. */
const OLDEST = [20, 9]

/** What is wrong with a version of Node, and what to do; nothing when it is new enough. */
export function nodeFault(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `Expected Node ${OLDEST.join('.')} or later, received ${version}. Install Node 22 with npm, from its makers or through nvm.`
}
