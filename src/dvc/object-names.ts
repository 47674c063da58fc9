import { isSection } from '../config/section.ts'
import { paths } from '../core/paths.ts'
import { readPipeline } from './read-staleness.ts'

/** Paths by the hash of what dvc.lock and data.dvc say stands there; the files of folders as far as the local cache lists them. */
export async function readObjectNames(): Promise<Map<string, string>> {
  const { lock, workspace } = readPipeline()
  const pin = workspace.valuesIn(paths.pin)
  const pinned = isSection(pin) && Array.isArray(pin.outs) ? (pin.outs as { path: string; md5?: string }[]) : []
  const names = new Map<string, string>()
  for (const { path, md5 } of [...pinned, ...[...lock.values()].flatMap(({ outs }) => outs)]) {
    if (md5 === undefined) continue
    names.set(md5, path)
    if (!md5.endsWith('.dir')) continue
    for (const [name, hash] of workspace.filesOf(md5) ?? []) names.set(hash, `${path}/${name}`)
  }
  return names
}
