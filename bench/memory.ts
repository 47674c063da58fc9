import { readFileSync } from 'node:fs'

const POLL_MS = 100

/** The greatest resident memory that a process had (VmHWM), in bytes; 0 of one that is gone. */
export function peakMemory(pid: number | 'self'): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** Watches a process and all below it; what comes back ends that and gives the greatest memory of any one of them. */
export function watchMemory(pid: number): () => number {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, ...withDescendants(pid).map(peakMemory))
  }
  const timer = setInterval(look, POLL_MS)
  return () => {
    clearInterval(timer)
    return peak
  }
}

function withDescendants(pid: number): number[] {
  const children = readText(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((word) => word !== '')
  return [pid, ...children.flatMap((child) => withDescendants(Number(child)))]
}

/** Empty when the process is gone. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
