/** Which TensorFlow a checkout uses: the one for CPUs, or the one for NVIDIA GPUs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hasNvidiaDriver } from './tools.mjs'

/** @returns 'cpu' or 'gpu': the given choice, else the one remembered in this checkout, else what the driver suggests. */
export function chooseDevice(root, asked) {
  const file = path.join(root, '.paddock/device')
  if (asked !== undefined) {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, asked)
    return asked
  }
  if (existsSync(file)) return readFileSync(file, 'utf8')
  return hasNvidiaDriver() && process.arch === 'x64' ? 'gpu' : 'cpu'
}
