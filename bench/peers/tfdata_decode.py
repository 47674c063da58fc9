"""All photographs as pixels by tf.data: decode_jpeg, centre crop, resize. usage: tfdata_decode.py antialias | plain [EPOCHS]"""

import os
import sys

import tensorflow as tf
from photographs import IMAGE_SIZE, list_photographs
from rounds import serve_rounds

antialias = sys.argv[1] == "antialias"
epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 1
threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
files = list_photographs()


def decode(file):
    image = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
    pixels = tf.image.resize(square, (IMAGE_SIZE, IMAGE_SIZE), antialias=antialias)
    return tf.cast(tf.clip_by_value(tf.round(pixels), 0, 255), tf.uint8)


options = tf.data.Options()
options.threading.private_threadpool_size = threads
dataset = tf.data.Dataset.from_tensor_slices(files).map(decode, num_parallel_calls=threads, deterministic=False)
dataset = dataset.with_options(options)


def work():
    for _ in range(epochs):
        for _ in dataset:
            pass


serve_rounds(work)
