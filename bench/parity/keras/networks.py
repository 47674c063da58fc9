"""Keras's networks without their top, with weights from a file that replaces the official one."""

import functools
import os

import keras
from formula import weight
from keras.src.applications import convnext, efficientnet, efficientnet_v2, resnet

CLASSES = 3
NETWORKS = {
    "resnet50": (resnet, keras.applications.ResNet50),
    "efficientnetb0": (efficientnet, keras.applications.EfficientNetB0),
    "efficientnetb4": (efficientnet, keras.applications.EfficientNetB4),
    "efficientnetv2-b0": (efficientnet_v2, keras.applications.EfficientNetV2B0),
    "efficientnetv2-s": (efficientnet_v2, keras.applications.EfficientNetV2S),
    "convnext_tiny": (convnext, keras.applications.ConvNeXtTiny),
}


def build(name, side, path=None, nested=False):
    """The network up to its features, without stochastic depth, and the address and checksum of the weight file it requested.

    With a path its weights come from there by way of Keras's own loading of the official ones, so that its preprocessing
    for ImageNet is in the network; without, it has random ones. ConvNeXt's stem and downsampling are networks of their own,
    as in its file, when `nested`; otherwise their layers are layers of the network, so that each has an output.
    """
    module, application = NETWORKS[name]
    asked = []
    module.file_utils.get_file = lambda *place, file_hash, **_: asked.append([place[1], file_hash]) or path
    options = dict(include_top=False, pooling="avg", input_shape=(side, side, 3))
    model = without_dropout(application(weights="imagenet" if path else None, **options))
    if nested or not any(isinstance(layer, keras.Sequential) for layer in model.layers):
        return model, asked
    stack, module.Sequential = module.Sequential, lambda layers, name: lambda x: functools.reduce(lambda x, f: f(x), layers, x)
    keras.backend.clear_session()
    flat = application(weights=None, **options)
    module.Sequential = stack
    flat.set_weights(model.get_weights())
    return flat, asked


def leaves(layer):
    """The layers within a nested network; any other layer itself."""
    return layer.layers if isinstance(layer, keras.Sequential) else [layer]


def with_head(backbone):
    """The network with a dense layer of three classes and no softmax."""
    head = keras.layers.Dense(CLASSES, name="classification")
    model = keras.Model(backbone.inputs, head(backbone.output))
    for variable, official in zip(head.weights, official_names(head)):
        variable.assign(weight(official, tuple(variable.shape), 1))
    return model


def preprocess(name, pixels):
    """Preprocessing outside the network: ResNet50 takes blue, green, red, minus their means."""
    return NETWORKS[name][0].preprocess_input(pixels)


def official_names(layer):
    """Names of a layer's weights as in the official files, in the order of `layer.weights`."""
    if isinstance(layer, keras.Sequential):
        return [name for part in layer.layers for name in official_names(part)]
    if isinstance(layer, convnext.LayerScale):
        return [f"{layer.name}/gamma:0"]
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    roles = [variable.path.split("/")[-1] for variable in layer.weights]
    return [f"{layer.name}/{'depthwise_kernel' if depthwise and role == 'kernel' else role}:0" for role in roles]


def outputs_of(name, model, images):
    """The output of each layer by name; `normalization` is the input of the first layer after the preprocessing. Pixels are red, green, blue.

    The sums of ConvNeXt are no layers; they are called as the block: `convnext_tiny_stage_0_block_0_add`.
    """
    layers = model.operations[1:]
    first = next(layer for layer in layers if not layer.name.startswith("rescaling") and "normalization" not in layer.name)
    everything = keras.Model(model.inputs, [first.input] + [layer.output for layer in layers])
    normalized, *rest = everything(images, training=False)
    outputs = {name_of(layer): values.numpy() for layer, values in zip(layers, rest)}
    outputs["normalization"] = normalized.numpy()
    blue_first = ["normalization", "conv1_pad"] if name == "resnet50" else []
    return outputs | {layer: outputs[layer][..., ::-1] for layer in blue_first}


def name_of(operation):
    if isinstance(operation, keras.layers.Layer):
        return operation.name
    return operation.input[-1]._keras_history.operation.name.replace("_identity", "_add")


def summary_of(model):
    """The layers in Keras's `summary`, one line each and without the frame."""
    text = []
    os.environ["COLUMNS"] = "240"
    model.summary(line_length=240, print_fn=text.append)
    lines = []
    for line in "\n".join(text).splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and cells[0]:
            lines.append(cells)
        elif cells:
            lines[-1] = [f"{before} {more}".strip() for before, more in zip(lines[-1], cells)]
    return [" │ ".join(cells) for cells in lines]


def without_dropout(backbone):
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0
    return backbone
