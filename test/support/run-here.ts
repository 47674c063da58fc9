import { resolve } from 'node:path'
import { vi } from 'vitest'

let runs = 0

/**
 * Runs a stage or a command in this process, in a folder: the script as it is, on modules that are loaded already. What
 * programs print that it starts is not among what is heard.
 */
export async function runHere(
  folder: string,
  script: string,
  ...args: string[]
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const before = { folder: process.cwd(), argv: process.argv, exitCode: process.exitCode }
  const file = resolve(script)
  const heard = { log: [] as string[], error: [] as string[] }
  const spies = (['log', 'error'] as const).map((stream) =>
    vi.spyOn(console, stream).mockImplementation((...words) => void heard[stream].push(words.join(' '))),
  )
  process.chdir(folder)
  process.argv = [process.execPath, file, ...args]
  process.exitCode = undefined
  try {
    await import(`${file}?run=${++runs}`)
    return {
      exitCode: Number(process.exitCode ?? 0),
      stdout: heard.log.join('\n'),
      stderr: heard.error.join('\n'),
    }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.chdir(before.folder)
    process.argv = before.argv
    process.exitCode = before.exitCode
  }
}
