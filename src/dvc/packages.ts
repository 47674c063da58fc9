/** The parts of package-lock.json that are read here. */
export interface PackageLock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Versions by name; several versions of one package are joined by a comma. */
export type Versions = Readonly<Record<string, string>>

/**
 * The packages that some packages need to run, themselves included, with the versions of the lock file.
 *
 * Packages of one platform (optional in the lock file) are left out, so that all platforms agree: their versions follow
 * from the package that asks for them. So are packages of types, and peers that only development brings.
 */
export function lockedVersions(lock: PackageLock, names: readonly string[]): Versions {
  const seen = new Set<string>()
  const visit = (from: string, name: string): void => {
    const place = find(lock, from, name)
    if (place === undefined || seen.has(place) || name.startsWith('@types/')) return
    const locked = lock.packages[place] ?? {}
    if (locked.optional || locked.dev || locked.devOptional) return
    seen.add(place)
    const needed = { ...locked.dependencies, ...locked.optionalDependencies, ...locked.peerDependencies }
    for (const other of Object.keys(needed)) visit(place, other)
  }
  for (const name of names) visit('', name)
  return versionsByName(lock, [...seen])
}

/** Where Node finds `name` from the package at `from`: in its own node_modules, else in one further out. */
function find(lock: PackageLock, from: string, name: string): string | undefined {
  const place = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
  if (place in lock.packages) return place
  return from === '' ? undefined : find(lock, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name)
}

function versionsByName(lock: PackageLock, places: readonly string[]): Versions {
  const versions = new Map<string, Set<string>>()
  for (const place of places) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    versions.set(name, (versions.get(name) ?? new Set()).add(lock.packages[place]?.version ?? ''))
  }
  const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, found]) => [name, [...found].sort().join(', ')]))
}
