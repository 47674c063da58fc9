/** pip, with the index, proxy and certificates that the user configured. */
import { run } from './run.mjs'

/** Settings that would keep pip from putting packages where set-up asks for them. */
const ENVIRONMENT = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' }

/** What a pip command of this Python prints. */
export function pip(python, args) {
  return run(python, ['-m', 'pip', ...args], { env: ENVIRONMENT })
}
