/** Finds the tools that set-up needs: Linux with glibc, Python with pip, a C++17 compiler. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { SetupFailure } from './failure.mjs'
import { run } from './run.mjs'

const OLDEST_PYTHON = [3, 10]
const PYTHONS = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']
const COMPILERS = ['g++', 'clang++', 'c++']

/** @throws SetupFailure on a system that the pinned TensorFlow does not support. */
export function checkMachine({ platform, arch, report } = process) {
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    throw new SetupFailure(
      `Expected Linux on x86_64 or arm64, received ${platform} on ${arch}.`,
      'Open the checkout in the development container (.devcontainer), or in WSL2 on Windows.',
    )
  }
  if (report.getReport().header.glibcVersionRuntime === undefined) {
    throw new SetupFailure(
      'Expected a Linux with glibc, received one without, such as Alpine.',
      'Take Debian, Ubuntu or Fedora, or open the checkout in the development container (.devcontainer).',
    )
  }
}

/**
 * The first Python on PATH that is new enough and has pip, which an activated environment may lack.
 *
 * @throws SetupFailure that says what to install
 */
export async function findPython() {
  const probe = `import sys, importlib.util as u
print(*sys.version_info[:3], sep=".")
print(sys.version_info >= (${OLDEST_PYTHON.join(', ')}))
print(u.find_spec("pip") is not None)`
  const seen = []
  for (const program of PYTHONS.flatMap(allOnPath)) {
    const [version, isNew, hasPip] = (await run(program, ['-c', probe]).catch(() => '')).split('\n')
    if (isNew === 'True' && hasPip === 'True') return program
    seen.push(`${program} ${version || 'that does not start'}${hasPip === 'False' ? ' without pip' : ''}`)
  }
  throw new SetupFailure(
    `Expected Python ${OLDEST_PYTHON.join('.')} or later with pip, received ${seen.join(', ') || 'none on PATH'}.`,
    'Install python3, python3-pip and python3-venv (Debian, Ubuntu) or python3 and python3-pip (Fedora).',
  )
}

/** CXX, else the first C++ compiler on PATH. @throws SetupFailure that says what to install. */
export function findCompiler() {
  const names = process.env.CXX ? [process.env.CXX] : COMPILERS
  const [program] = names.flatMap(allOnPath)
  if (program !== undefined) return program
  throw new SetupFailure(
    `Expected a C++17 compiler, received none of ${names.join(', ')} on PATH.`,
    'Install g++ (Debian, Ubuntu) or gcc-c++ (Fedora), or set CXX.',
  )
}

/** Go. @throws SetupFailure that says what to install. */
export function findGo() {
  const go = onPath('go')
  if (go !== undefined) return go
  throw new SetupFailure(
    'Expected Go 1.25 or later for act and actionlint, received none on PATH.',
    'Install it from https://go.dev/dl; from 1.21 on, a Go fetches the newer one that it needs.',
  )
}

/** Whether the kernel has an NVIDIA driver: its own file, or WSL2's library. Starts no program. */
export function hasNvidiaDriver() {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/usr/lib/wsl/lib/libcuda.so.1')
}

/** The full path of a program, or nothing when PATH has none of that name. */
export function onPath(name) {
  return allOnPath(name)[0]
}

function allOnPath(name) {
  const candidates = name.includes('/')
    ? [path.resolve(name)]
    : (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name))
  return candidates.filter(isProgram)
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
