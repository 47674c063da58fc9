/** TensorFlow's shared libraries, from the wheels that src/tensorflow/native/runtime.json pins. */
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, digestOf, makeOnce } from './cache.mjs'
import { SetupFailure } from './failure.mjs'
import { pip } from './pip.mjs'
import { run } from './run.mjs'
import { timed } from './say.mjs'

/** The pins for this machine: `{tensorflow, python, keep, wheels, unpackedBytes}`. */
export function readPins(root, device, arch = process.arch) {
  const { platforms, ...pins } = JSON.parse(readFileSync(path.join(root, 'src/tensorflow/native/runtime.json'), 'utf8'))
  const platform = platforms[`linux-${arch}-${device}`]
  if (platform === undefined) {
    throw new SetupFailure(
      `Expected a TensorFlow for ${Object.keys(platforms).join(', ')}, received linux-${arch}-${device}.`,
      'Use --cpu.',
    )
  }
  return { ...pins, ...platform }
}

/** Where the runtime with these pins lives. */
export function runtimeFolder({ wheels, keep }) {
  return path.join(cacheFolder(), 'runtime', digestOf(...wheels.map((wheel) => wheel.sha256), ...keep))
}

/** Downloads the wheels with the pip that the user configured, and keeps what programs need of them. */
export async function makeRuntime(pins, python) {
  const folder = runtimeFolder(pins)
  await makeOnce(folder, async (unfinished) => {
    checkSpace(unfinished, pins)
    for (const wheel of pins.wheels) {
      const what = `${wheel.name} ${wheel.version} (${Math.ceil(wheel.sizeBytes / 1e6)} MB)`
      await timed(what, async () => {
        await download(wheel, pins.python, python, unfinished)
        await run(python, ['-c', UNPACK, path.join(unfinished, wheel.file), unfinished, ...pins.keep])
        rmSync(path.join(unfinished, wheel.file))
      })
    }
  })
}

const UNPACK = `
import os, sys, zipfile
wheel, folder, *keep = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if entry.filename.startswith(tuple(keep)) and not entry.is_dir():
            os.chmod(archive.extract(entry, folder), 0o755 if entry.external_attr >> 16 & 0o100 else 0o644)
`

async function download(wheel, pythonVersion, python, folder) {
  const requirements = path.join(folder, 'requirements.txt')
  writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
  await pip(python, [
    ...['download', '--quiet', '--progress-bar', 'off', '--no-deps', '--only-binary=:all:', '--require-hashes'],
    ...['--implementation', 'cp', '--python-version', pythonVersion, '--platform', wheel.platform],
    ...['--dest', folder, '--requirement', requirements],
  ])
  rmSync(requirements)
}

function checkSpace(folder, { wheels, unpackedBytes }) {
  const neededBytes = unpackedBytes + Math.max(...wheels.map((wheel) => wheel.sizeBytes))
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize >= neededBytes) return
  const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`
  throw new SetupFailure(
    `Expected ${gigabytes(neededBytes)} free in ${cacheFolder()}, received ${gigabytes(bavail * bsize)}.`,
    'Free some space, or set PADDOCK_CACHE to a folder on another disk.',
  )
}
