import type { Tensor1D } from '@tensorflow/tfjs-core'
import { TrainingError } from '../core/errors.ts'

/** Sums over an epoch so far; plain data. */
export interface LossTotals {
  readonly images: number
  /** Sum over the images. */
  readonly loss: number
  readonly correct: number
}

export const NO_LOSSES: LossTotals = { images: 0, loss: 0, correct: 0 }

/** The result of a step, still on the device. */
export interface StepLoss {
  readonly epoch: number
  readonly step: number
  readonly learningRate: number
  readonly images: number
  /** `[2]`: mean loss, number of correct predictions. */
  readonly values: Tensor1D
}

/** Losses stay on the device and are read together, after this many steps. */
const READ_EVERY_STEPS = 16

/** Sums losses and correct predictions of an epoch, reading them from the device now and then. */
export class LossLog {
  #totals: LossTotals
  #pending: StepLoss[] = []

  constructor(totals: LossTotals) {
    this.#totals = totals
  }

  /** Takes ownership of the tensor of a step. @throws TrainingError that names the step whose loss is not finite. */
  add(loss: StepLoss): void {
    this.#pending.push(loss)
    if (this.#pending.length >= READ_EVERY_STEPS) this.read()
  }

  /** Mean over the images read so far; NaN before the first reading. */
  get meanLoss(): number {
    return this.#totals.loss / this.#totals.images
  }

  /** Reads what is still on the device and gives the sums. */
  read(): LossTotals {
    for (let given = this.#pending.shift(); given; given = this.#pending.shift()) {
      const [loss = Number.NaN, correct = 0] = given.values.dataSync()
      given.values.dispose()
      if (!Number.isFinite(loss)) throw notFinite(loss, given)
      const { images, loss: sum, correct: right } = this.#totals
      this.#totals = { images: images + given.images, loss: sum + loss * given.images, correct: right + correct }
    }
    return this.#totals
  }

  /** Frees what is still on the device. */
  [Symbol.dispose](): void {
    for (const loss of this.#pending) loss.values.dispose()
  }
}

function notFinite(loss: number, { epoch, step, learningRate }: StepLoss): TrainingError {
  return new TrainingError(
    `Expected a finite training loss, received ${loss} at step ${step} (epoch ${epoch}, learning rate ${learningRate}). Lower train.learningRate, set train.clipNorm, or look for broken images in the contact sheet.`,
  )
}
