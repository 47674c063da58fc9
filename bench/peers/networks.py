"""The same networks in Keras: pixels 0 to 255 as bytes in, preprocessing inside, features or probabilities out."""

import os

import numpy as np
import tensorflow as tf
from keras import Model, applications, layers

IMAGE_SIZE = 224
CLASS_COUNT = 3

threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)


def random_images(count):
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    return images, np.arange(count, dtype=np.int32) % CLASS_COUNT


def backbone(name):
    """Random weights, without the layers of the head; the output is the features."""
    image = layers.Input((IMAGE_SIZE, IMAGE_SIZE, 3), dtype="uint8")
    return Model(image, FEATURES[name](image), name=name)


def classifier(name):
    model = backbone(name)
    return Model(model.inputs, layers.Dense(CLASS_COUNT, "softmax")(model.outputs[0]), name=name)


def original(image):
    x = layers.Rescaling(1 / 255)(image)
    for filters, pooled in [(16, True), (32, True), (64, True), (64, True), (64, False), (64, False)]:
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        if pooled:
            x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    for units in (516, 256):
        x = layers.Dense(units, "relu")(x)
    return x


def application(build, scale, offset, **options):
    def features(image):
        x = layers.Rescaling(scale, offset)(image)
        return build(weights=None, include_top=False, pooling="avg", input_tensor=x, **options).output

    return features


FEATURES = {
    "original": original,
    # the means of ImageNet, as applications.resnet.preprocess_input has them
    "resnet50": application(applications.ResNet50, 1.0, [-123.68, -116.779, -103.939]),
    # scales by itself
    "efficientnetb0": application(applications.EfficientNetB0, 1.0, 0.0),
    "mobilenet": application(applications.MobileNet, 1 / 127.5, -1.0),
}
