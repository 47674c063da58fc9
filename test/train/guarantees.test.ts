import { describe, expect, it } from 'vitest'
import { keepStatistics, layerGraphOf } from '../../src/tensorflow/graph.ts'
import { guaranteesOf } from '../../src/train/guarantees.ts'
import { smallNetwork } from '../support/small-network.ts'

const CPU = { gpu: false, deterministic: false, threads: null }

describe('guaranteesOf', () => {
  it('names the ops of a network that depend on the number of threads', () => {
    expect(guaranteesOf(layerGraphOf(smallNetwork()), CPU)).toEqual({
      sameSeedSameBytes: true,
      sameBytesAfterInterruption: true,
      sameBytesForAnyThreadCount: false,
      opsThatDependOnThreads: [
        'BiasAddGrad',
        'Conv2DBackpropFilter',
        'DepthwiseConv2dNativeBackpropFilter',
        'FusedBatchNormGradV3',
        'FusedBatchNormV3',
      ],
    })
  })

  it('leaves out the forward pass of batch norms that keep their statistics', () => {
    const { opsThatDependOnThreads } = guaranteesOf(keepStatistics(layerGraphOf(smallNetwork())), CPU)
    expect(opsThatDependOnThreads).toContain('FusedBatchNormGradV3')
    expect(opsThatDependOnThreads).not.toContain('FusedBatchNormV3')
  })

  it('has none where only a dense head is trained', () => {
    const network = smallNetwork()
    for (const layer of network.layers.slice(0, -1)) layer.trainable = false
    expect(guaranteesOf(layerGraphOf(network), CPU)).toMatchObject({
      sameBytesForAnyThreadCount: true,
      opsThatDependOnThreads: [],
    })
  })

  it('has them settled where the parameters say the number of threads', () => {
    const guarantees = guaranteesOf(layerGraphOf(smallNetwork()), { ...CPU, threads: 2 })
    expect(guarantees.sameBytesForAnyThreadCount).toBe(true)
    expect(guarantees.opsThatDependOnThreads).toContain('Conv2DBackpropFilter')
  })

  it('promises nothing on a GPU unless ops that are not deterministic are refused', () => {
    const graph = layerGraphOf(smallNetwork())
    const gpu = (deterministic: boolean) => guaranteesOf(graph, { gpu: true, deterministic, threads: null })
    expect(gpu(false)).toMatchObject({ sameSeedSameBytes: false, sameBytesAfterInterruption: false })
    expect(gpu(true)).toMatchObject({ sameSeedSameBytes: true, sameBytesAfterInterruption: true })
    expect(gpu(true).sameBytesForAnyThreadCount).toBe(false)
  })
})
