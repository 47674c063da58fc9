"""Keras's side of a comparison: one answer on stdout per line on stdin. usage: serve.py NETWORK SIDE PIXELS FOLDER

PIXELS is a file of bytes [N, S, S, 3]. First writes weights to FOLDER/weights.h5 with Keras's legacy writer and loads them
in place of the official ones, into a float64 network: in float32 Keras's own rounding errors reach a thousandth of a
gradient. Then, per line:
  outputs N   the output of every layer for image N, in inference
  step N …    loss, gradients and statistics of a training step on the first N images; further words are layers whose ReLUs
              follow the masks in FOLDER/masks.u8, one layer after another
  summary     the layers of Keras's summary of the network without its head
Tensors are written to FOLDER/tensors.f32, one after another; the answer lists them with their shapes.
"""

import json
import math
import os
import sys

import h5py
import keras
import numpy as np
from formula import GAINS, weight
from keras.src.legacy.saving import legacy_h5_format
from networks import build, official_names, outputs_of, preprocess, summary_of, with_head
from step import training_step

name, side, pixels, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def make_weights():
    """Writes seeded random weights, and statistics of batch norms that fit the images, as a trained network has."""
    untrained, _ = build(name, side, nested=True)
    for layer in untrained.layers:
        for variable, official in zip(layer.weights, official_names(layer)):
            variable.assign(weight(official, tuple(variable.shape), GAINS[name]))
    write_weights(untrained)
    keras.backend.clear_session()
    backbone, _ = build(name, side, weights)
    norms = [layer for layer in backbone.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if norms:
        for layer in norms:
            layer.momentum, kept = 0, layer.momentum
        backbone(images, training=True)
        for layer in norms:
            layer.momentum = kept
        write_weights(backbone)
    keras.backend.clear_session()


def write_weights(model):
    with h5py.File(weights, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def written(tensors):
    with open(os.path.join(folder, "tensors.f32"), "wb") as file:
        for values in tensors.values():
            file.write(np.ascontiguousarray(values, "<f4"))
    return {"tensors": [[path, list(np.shape(values))] for path, values in tensors.items()]}


def flattened(step):
    gradients = {f"gradient/{path}": values for path, values in step["gradients"].items()}
    statistics = {f"statistic/{path}": values for path, values in step["statistics"].items()}
    return {"loss": step["loss"], "kinks": step["kinks"], **gradients, **statistics}


def read_masks(layers, count):
    masks, start = {}, 0
    everything = np.fromfile(os.path.join(folder, "masks.u8"), "uint8") if layers else None
    for layer in layers:
        size = count * math.prod(model.get_layer(layer).output.shape[1:])
        masks[layer] = everything[start : start + size].astype("float64")
        start += size
    return masks


def step(count, *layers):
    return written(flattened(training_step(model, images[: int(count)], read_masks(layers, int(count)))))


weights = os.path.join(folder, "weights.h5")
images = np.fromfile(pixels, "uint8").reshape(-1, side, side, 3).astype("float32")
images = preprocess(name, images)
make_weights()
keras.config.set_dtype_policy("float64")
keras.config.set_floatx("float64")
images = images.astype("float64")
backbone, _ = build(name, side, weights)
model = with_head(backbone)
ANSWERS = {
    "outputs": lambda number: written(outputs_of(name, model, images[int(number) :][:1])),
    "step": step,
    "summary": lambda: {"lines": summary_of(backbone)},
}
print(json.dumps({"weights": weights}), flush=True)
for line in sys.stdin:
    word, *more = line.split()
    print(json.dumps(ANSWERS[word](*more)), flush=True)
