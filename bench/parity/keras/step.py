"""One training step in Keras: loss, gradients, and the running statistics after it."""

import math

import keras
import numpy as np
import tensorflow as tf
from networks import CLASSES, official_names


def training_step(model, images, masks={}):
    """Cross-entropy from logits; image n has class n modulo three.

    Where the input of a ReLU is as small as rounding errors, two programs may disagree on its sign, and their gradients
    differ. So masks, by layer, decide what passes. `kinks` is the largest input that a mask decides against its sign,
    relative to the maximum of its layer.

    Keras 3 updates running variances with the biased variance of the batch; TensorFlow's fused kernel (used by Keras 2)
    with the unbiased one, n / (n - 1) times as much for n = images * pixels. The statistics returned are corrected by
    that factor.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = {layer.name: layer.moving_variance.numpy() for layer in norms}
    kinks = [0.0]
    for name, mask in masks.items():
        model.get_layer(name).activation = masked(mask, kinks)
    labels = tf.range(len(images)) % CLASSES
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(images, training=True))
        loss = tf.reduce_mean(losses)
    variables = [variable.value for variable in model.trainable_variables]
    gradients = tape.gradient(loss, variables)
    statistics = {}
    for layer in norms:
        n = len(images) * math.prod(layer.input.shape[1:3])
        kept = layer.momentum * before[layer.name]
        variance = kept + (layer.moving_variance.numpy() - kept) * n / (n - 1)
        statistics[f"{layer.name}/moving_mean"] = layer.moving_mean.numpy()
        statistics[f"{layer.name}/moving_variance"] = variance
    names = {
        variable.path: official.removesuffix(":0")
        for layer in model.layers
        for variable, official in zip(layer.weights, official_names(layer))
    }
    return dict(
        loss=loss.numpy(),
        kinks=max(kinks),
        gradients={names[variable.path]: values.numpy() for variable, values in zip(model.trainable_variables, gradients)},
        statistics=statistics,
    )


def masked(mask, kinks):
    """A ReLU that follows the mask, and notes inputs whose sign disagrees with it."""

    def relu(x):
        kept = mask.reshape(x.shape)
        otherwise = (x.numpy() > 0) != (kept > 0)
        if otherwise.any():
            size = np.abs(x.numpy())
            kinks.append(float(size[otherwise].max() / size.max()))
        return x * kept

    return relu
