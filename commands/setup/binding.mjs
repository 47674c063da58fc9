/** The Node-API binding to TensorFlow: the package's sources and ours in one compiler call, linked into the package. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, digestOf, makeOnce } from './cache.mjs'
import { isLinked, makeLink } from './links.mjs'
import { run } from './run.mjs'
import { runtimeFolder } from './runtime.mjs'
import { timed } from './say.mjs'

const SOURCES = ['src/tensorflow/native/paddock_binding.cc', 'src/tensorflow/native/quiet_start.cc']
const PACKAGE = 'node_modules/@tensorflow/tfjs-node-gpu'
const HEADERS = 'node_modules/node-api-headers'
const LINK = `${PACKAGE}/lib/napi-v8/tfjs_binding.node`
const FLAGS = [
  ...['-std=gnu++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
  '-Wl,-z,initfirst', // for src/tensorflow/native/quiet_start.cc
]

/** Where the binding made of these sources, for this runtime, lives. */
export function bindingFile(root, pins) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  const digest = digestOf(
    ...SOURCES.map((source) => readFileSync(path.join(root, source), 'utf8')),
    JSON.stringify([packages[PACKAGE].integrity, packages[HEADERS].integrity]),
    [process.arch, process.env.CXX ?? '', ...FLAGS, runtimeFolder(pins)].join(' '),
  )
  return path.join(cacheFolder(), 'binding', digest, 'tfjs_binding.node')
}

/** Compiles the binding. */
export async function makeBinding(root, pins, compiler) {
  const file = bindingFile(root, pins)
  const tensorflow = path.join(runtimeFolder(pins), 'tensorflow')
  await makeOnce(path.dirname(file), async (unfinished) => {
    const args = [
      ...FLAGS,
      ...[`${HEADERS}/include`, `${tensorflow}/include`, `${PACKAGE}/binding`].map((folder) => `-I${folder}`),
      ...SOURCES,
      ...['-o', path.join(unfinished, 'tfjs_binding.node')],
      ...[`-L${tensorflow}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${tensorflow}`],
    ]
    await timed('compiling the TensorFlow binding', () => run(compiler, args, { cwd: root }))
  })
}

/** Whether the package's binding is the compiled one. */
export function hasBinding(root, pins) {
  return isLinked(path.join(root, LINK), bindingFile(root, pins))
}

/** Makes the package's binding a link to the compiled one. */
export function linkBinding(root, pins) {
  makeLink(path.join(root, LINK), bindingFile(root, pins))
}
