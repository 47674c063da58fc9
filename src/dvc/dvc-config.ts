import { resolve } from 'node:path'
import { readText } from './workspace.ts'

/** DVC's settings by section (`core`, `remote "storage"`) and name, those of this machine over the committed ones. */
export type DvcConfig = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Reads `.dvc/config` and `.dvc/config.local`. The user's own settings, outside of the checkout, are not looked at. */
export function readDvcConfig(root = '.'): DvcConfig {
  const sections = new Map<string, Map<string, string>>()
  for (const file of ['.dvc/config', '.dvc/config.local']) {
    for (const [section, settings] of parseDvcConfig(readText(resolve(root, file)) ?? '')) {
      sections.set(section, new Map([...(sections.get(section) ?? []), ...settings]))
    }
  }
  return sections
}

/** The sections of a text in DVC's format: `['remote "storage"']`, then `url = s3://…` a line. */
export function parseDvcConfig(text: string): DvcConfig {
  const sections = new Map<string, Map<string, string>>()
  let settings = new Map<string, string>()
  for (const line of text.split('\n').map((each) => each.trim())) {
    const section = /^\['?(.*?)'?\]$/.exec(line)?.[1]
    const setting = /^([^#=\s][^=]*?)\s*=\s*(.*)$/.exec(line)
    if (section !== undefined) {
      settings = sections.get(section) ?? new Map()
      sections.set(section, settings)
    } else if (setting) settings.set(setting[1] ?? '', unquoted(setting[2] ?? ''))
  }
  return sections
}

/** The folder of DVC's cache. */
export function cacheOf(config: DvcConfig, root = '.'): string {
  return resolve(root, '.dvc', config.get('cache')?.get('dir') ?? 'cache')
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value
}
