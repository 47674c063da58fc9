/** The resize of src/images, one compiler call; a link among the packages leads to it, where copies of the checkout find it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, digestOf, makeOnce } from './cache.mjs'
import { isLinked, makeLink } from './links.mjs'
import { run } from './run.mjs'
import { timed } from './say.mjs'

const SOURCE = 'src/images/native/resize.cc'
const HEADERS = 'node_modules/node-api-headers'
const LINK = 'node_modules/.paddock/resize.node'
const FLAGS = [
  ...['-std=gnu++17', '-O3', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
  '-ffp-contract=off', // the same weights on every processor
]

/** Where the library made of this source lives. */
export function resizeFile(root) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  const digest = digestOf(
    readFileSync(path.join(root, SOURCE), 'utf8'),
    packages[HEADERS].integrity,
    [process.arch, process.env.CXX ?? '', ...FLAGS].join(' '),
  )
  return path.join(cacheFolder(), 'resize', digest, 'resize.node')
}

/** Compiles the library. */
export async function makeResize(root, compiler) {
  const file = resizeFile(root)
  await makeOnce(path.dirname(file), async (unfinished) => {
    const args = [...FLAGS, `-I${HEADERS}/include`, SOURCE, '-o', path.join(unfinished, path.basename(file))]
    await timed('compiling the resize of images', () => run(compiler, args, { cwd: root }))
  })
}

/** Whether the packages have a link to the compiled library. */
export function hasResize(root) {
  return isLinked(path.join(root, LINK), resizeFile(root))
}

/** Makes that link. */
export function linkResize(root) {
  makeLink(path.join(root, LINK), resizeFile(root))
}
