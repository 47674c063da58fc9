/**
 * Stands in for a stage of the pipeline: waits as long as it is told to, then writes as many bytes as the real one, the same each time.
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

/** Bytes that no compression makes smaller, given by the file's name. */
function bytes(name, count) {
  const parts = []
  for (let block = 0; block * 32 < count; block++) parts.push(createHash('sha256').update(`${name} ${block}`).digest())
  return Buffer.concat(parts).subarray(0, count)
}
