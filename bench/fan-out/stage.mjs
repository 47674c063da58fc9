/**
 * Replaces a stage of the pipeline: waits, then writes files of given sizes, the same bytes each time.
 *
 * usage   node stage.mjs SECONDS FILE BYTES [FILE BYTES …]
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [seconds, ...files] = process.argv.slice(2)
await sleep(Number(seconds) * 1000)
for (let i = 0; i < files.length; i += 2) {
  mkdirSync(path.dirname(files[i]), { recursive: true })
  writeFileSync(files[i], bytes(files[i], Number(files[i + 1])))
}

/** Incompressible bytes that depend on the file's name only. */
function bytes(name, count) {
  const parts = []
  for (let block = 0; block * 32 < count; block++) parts.push(createHash('sha256').update(`${name} ${block}`).digest())
  return Buffer.concat(parts).subarray(0, count)
}
