import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { PaddockError } from '../src/core/errors.ts'
import type { Round } from './rounds.ts'
import type { Side, Work } from './works.ts'

/** One turn of one side. */
export interface Turn extends Round {
  readonly side: string
  /** From 1. */
  readonly pair: number
}

/** What a comparison is run with. */
export interface TurnOptions {
  readonly pairs: number
  /** A folder of photographs with one folder a class, for the works that need one. */
  readonly photographs: string
  readonly onTurn: (turn: Turn) => void
}

export const BENCH_PYTHON = '.paddock/bench-venv/bin/python'
const PYTORCH_PYTHON = '.paddock/bench-venv-torch/bin/python'

/** Threads of everybody: the works are stated for two. */
export const THREADS = Math.min(2, availableParallelism())

/**
 * Lets the sides of a work take turns, ours first: ours, peer, ours, peer, …
 *
 * Each is one process that warms up once and then waits for its turns, with the same threads and oneDNN setting. No turn is
 * left out of what comes back.
 */
export async function takeTurns(work: Work, { pairs, photographs, onTurn }: TurnOptions): Promise<Turn[]> {
  const players = []
  const turns: Turn[] = []
  try {
    for (const side of work.sides.filter(isThere)) players.push({ side, player: await openPlayer(side, photographs) })
    for (let pair = 1; pair <= pairs; pair++) {
      for (const { side, player } of players.filter(({ side }) => pair <= (side.mostRounds ?? pairs))) {
        const turn = { side: side.name, pair, ...(await player.round()) }
        turns.push(turn)
        onTurn(turn)
      }
    }
    return turns
  } finally {
    for (const { player } of players) await player.close()
  }
}

/** PyTorch is no small thing to have (`peers/setup.mjs`), so the rest can be measured without. */
function isThere({ pytorch = false }: Side): boolean {
  return !pytorch || existsSync(PYTORCH_PYTHON)
}

interface Player {
  round(): Promise<Round>
  close(): Promise<void>
}

async function openPlayer({ name, script, args, pytorch }: Side, photographs: string): Promise<Player> {
  const command = script.endsWith('.py')
    ? [pytorch ? PYTORCH_PYTHON : BENCH_PYTHON, `bench/peers/${script}`]
    : [process.execPath, `bench/ours/${script}`]
  const child = execa(command[0] ?? '', [...command.slice(1), ...args], {
    env: { ...environment(), PADDOCK_BENCH_PHOTOGRAPHS: photographs },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: ['pipe'],
    buffer: { stdout: false },
    reject: false,
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (line.value.startsWith('{')) return JSON.parse(line.value)
    }
    const { exitCode, stderr } = await child
    throw new PaddockError(
      `Expected ${name} (bench/…/${script} ${args.join(' ')}) to answer, received exit code ${exitCode}:\n${stderr}`,
    )
  }
  await answer()
  return {
    round: async () => {
      child.stdin.write('round\n')
      return (await answer()) as Round
    },
    close: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** Threads and oneDNN, by name, for TensorFlow on both sides. */
function environment(): Record<string, string> {
  const threads = String(THREADS)
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: threads,
    OMP_NUM_THREADS: threads,
    KERAS_BACKEND: 'tensorflow',
    CUDA_VISIBLE_DEVICES: '-1',
  }
}
