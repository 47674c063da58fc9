/** Which TensorFlow a checkout uses: the one for CPUs, or the one for NVIDIA GPUs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hasNvidiaDriver } from './tools.mjs'

/** @returns 'cpu' or 'gpu': what was asked for now, else what was asked for in this checkout before, else by the driver. */
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
