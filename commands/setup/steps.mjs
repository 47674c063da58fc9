/** The steps of set-up in their order: what each makes, whether it is there, and what it needs from the machine. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { bindingFile, hasBinding, linkBinding, makeBinding } from './binding.mjs'
import { hasMergeDrivers, makeMergeDrivers } from './merge-drivers.mjs'
import { hasPackages, installPackages } from './packages.mjs'
import { hasResize, linkResize, makeResize, resizeFile } from './resize.mjs'
import { makeRuntime, runtimeFolder } from './runtime.mjs'
import { isStamped, stampLibraries } from './stamp.mjs'
import { hasVenv, makeVenv } from './venv.mjs'

/** @returns the steps for one checkout and one set of TensorFlow pins; `make` gets `{python, compiler}`. */
export function stepsFor(root, pins) {
  return [
    packagesStep(root),
    {
      needs: ['python'],
      isDone: () => hasVenv(root),
      make: ({ python }) => makeVenv(root, python),
    },
    {
      needs: ['python'],
      isDone: () => existsSync(path.join(runtimeFolder(pins), 'tensorflow')),
      make: ({ python }) => makeRuntime(pins, python),
    },
    {
      needs: ['compiler'],
      isDone: () => existsSync(bindingFile(root, pins)),
      make: ({ compiler }) => makeBinding(root, pins, compiler),
    },
    {
      needs: ['compiler'],
      isDone: () => existsSync(resizeFile(root)),
      make: ({ compiler }) => makeResize(root, compiler),
    },
    {
      needs: [],
      isDone: () => isStamped(root, pins),
      make: () => stampLibraries(root, pins),
    },
    {
      needs: [],
      isDone: () => hasBinding(root, pins),
      make: () => linkBinding(root, pins),
    },
    {
      needs: [],
      isDone: () => hasResize(root),
      make: () => linkResize(root),
    },
    {
      needs: [],
      isDone: () => hasMergeDrivers(root),
      make: () => makeMergeDrivers(root),
    },
  ]
}

/** The step that needs neither Python nor a compiler. */
export function packagesStep(root) {
  return { needs: [], isDone: () => hasPackages(root), make: () => installPackages(root) }
}
