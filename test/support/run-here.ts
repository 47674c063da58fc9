import { resolve } from 'node:path'
import { vi } from 'vitest'
import { updateArgv } from 'zx'

let runs = 0

/**
 * Runs a stage or a command in this process, in a folder: the script as it is, on modules that are loaded already. What
 * programs print that it starts is not among what is heard.
 */
export async function runHere(
  folder: string,
  script: string,
  ...args: string[]
): Promise<{ exitCode: number; stdout: string; stderr: string; output: string }> {
  const before = { folder: process.cwd(), argv: process.argv, exitCode: process.exitCode }
  const file = resolve(script)
  const heard: { stream: 'log' | 'error'; line: string }[] = []
  const spies = (['log', 'error'] as const).map((stream) =>
    vi.spyOn(console, stream).mockImplementation((...words) => void heard.push({ stream, line: words.join(' ') })),
  )
  const textOf = (...streams: string[]) =>
    heard.flatMap(({ stream, line }) => (streams.includes(stream) ? [line] : [])).join('\n')
  process.chdir(folder)
  process.argv = [process.execPath, file, ...args]
  updateArgv(args)
  process.exitCode = undefined
  try {
    await import(`${file}?run=${++runs}`)
    return {
      exitCode: Number(process.exitCode ?? 0),
      stdout: textOf('log'),
      stderr: textOf('error'),
      output: textOf('log', 'error'),
    }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.chdir(before.folder)
    process.argv = before.argv
    process.exitCode = before.exitCode
  }
}
