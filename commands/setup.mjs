/**
 * setup: make this checkout ready: npm packages, DVC, TensorFlow and its binding. Node's own modules only.
 *
 * usage   node commands/setup.mjs [--cpu | --gpu | --packages] [--ci-tools]
 * reads   package-lock.json, .npmrc, commands/setup/python/requirements.txt, commands/setup/python/requirements-uv.txt, commands/setup/python/requirements-ci.txt, native/
 * writes  node_modules/, .venv/, .paddock/, the cache (PADDOCK_CACHE, else ~/.cache/paddock)
 */
import { nodeFault } from './setup/node.mjs'

const fault = nodeFault(process.versions.node)
if (fault === undefined) import('./setup/main.mjs')
else {
  console.error(`setup: ${fault}`)
  process.exitCode = 1
}
