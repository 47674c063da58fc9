/** pip, with the index, proxy and certificates that the user configured. */
import { run } from './run.mjs'

/** Overrides settings that would make pip install elsewhere. */
const ENVIRONMENT = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' }

/** Runs pip with this Python and returns its output. */
export function pip(python, args) {
  return run(python, ['-m', 'pip', ...args], { env: ENVIRONMENT })
}
