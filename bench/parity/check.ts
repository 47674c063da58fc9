import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProgress } from '../../src/core/progress.ts'
import type { Finding } from './findings.ts'
import { drawCompared } from './images.ts'
import { type Compared, openCompared } from './networks.ts'
import { compareOutputs } from './outputs.ts'
import { openPeer } from './peer.ts'
import { compareSummaries, summaryRows } from './summary.ts'
import { compareStep } from './training.ts'

/** Compares a network with Keras's: Keras writes a weight file, we read it, and both run on the same images. */
export async function compareNetwork(network: Compared): Promise<Finding[]> {
  const { name, side } = network
  const images = drawCompared(side)
  const progress = openProgress(`parity: ${name} at ${side} px`, images.count + 2)
  const folder = await mkdtemp(join(tmpdir(), 'paddock-parity-'))
  let done = 0
  try {
    const pixels = join(folder, 'pixels')
    await writeFile(pixels, images.values)
    progress.update(done, 'Keras writes its weights')
    const peer = await openPeer(name, side, pixels, folder)
    try {
      const ours = await openCompared(network, peer.weights)
      const outputs = await compareOutputs(ours, peer, images, () => progress.update(++done, 'images'))
      progress.update(++done, 'training step')
      const step = await compareStep(ours, peer, images)
      const summary = compareSummaries(summaryRows(ours.model), await peer.summary())
      ours.model.dispose()
      return [...outputs, ...step, summary]
    } finally {
      await peer.close()
    }
  } finally {
    progress.stop()
    await rm(folder, { recursive: true })
  }
}
