"""Features by Keras's compiled predict. usage: keras_features.py NETWORK BATCH BATCHES"""

import sys

import tensorflow as tf
from networks import backbone, random_images
from rounds import serve_rounds

name, batch, batches = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

model = backbone(name)
model.compile(jit_compile=False)
images, _ = random_images(batch)
dataset = tf.data.Dataset.from_tensors(tf.constant(images)).repeat(batches)


def work():
    model.predict(dataset, verbose=0)


serve_rounds(work)
