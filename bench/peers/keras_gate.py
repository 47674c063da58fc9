"""Raw photographs to gate in one plain Keras script: decode, split, features, head, evaluation, thresholds.

usage: keras_gate.py PHOTOGRAPHS ALPHA WEIGHTS
The same photographs, weights (MobileNet of width ALPHA without its top), head, optimizer, batch and epochs as ours; no variants of the
training images. The test set is the first three of each class by name; of the rest 80, 10 and 10 % at random.
"""

import csv
import json
import os
import sys
import tempfile
import time
from pathlib import Path

start = time.perf_counter()
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import Model, Sequential, applications, callbacks, layers, utils  # noqa: E402
from photographs import IMAGE_SIZE, list_photographs  # noqa: E402

TEST_IMAGES_PER_CLASS = 3
BATCH = 32
EPOCHS = 10  # as in ../ours/gate-clone.ts

threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
utils.set_random_seed(1)
parts = {}


def done(part):
    global start
    now = time.perf_counter()
    parts[part] = now - start
    start = now


def decode(file):
    image = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
    pixels = tf.image.resize(square, (IMAGE_SIZE, IMAGE_SIZE), antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(pixels), 0, 255), tf.uint8)


def macro_f1(confusion):
    true = np.diag(confusion)
    return float(np.mean(2 * true / np.maximum(1, confusion.sum(0) + confusion.sum(1))))


folder, alpha, weights = sys.argv[1:]
files = list_photographs(folder)
names = [Path(file).parent.name for file in files]
classes = sorted(set(names))
labels = np.array([classes.index(name) for name in names], np.int32)
done("imports and list")

dataset = tf.data.Dataset.from_tensor_slices(files).map(decode, num_parallel_calls=threads)
pixels = np.stack(list(dataset.as_numpy_iterator()))
done("decode")

image = layers.Input((IMAGE_SIZE, IMAGE_SIZE, 3), dtype="uint8")
x = layers.Rescaling(1 / 127.5, -1)(image)
net = applications.MobileNet(alpha=float(alpha), weights=None, include_top=False, pooling="avg", input_tensor=x)
net.load_weights(weights)
net.compile(jit_compile=False)
features = net.predict(tf.data.Dataset.from_tensor_slices(pixels).batch(BATCH), verbose=0)
done("features")

test = np.concatenate([np.flatnonzero(labels == c)[:TEST_IMAGES_PER_CLASS] for c in range(len(classes))])
rest = np.random.default_rng(1).permutation(np.setdiff1d(np.arange(len(files)), test))
train, validation, holdout = np.split(rest, [round(0.8 * len(rest)), round(0.9 * len(rest))])
head = Sequential([layers.Input(features.shape[1:]), layers.Dense(len(classes), "softmax")])
head.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
history = head.fit(
    features[train],
    labels[train],
    validation_data=(features[validation], labels[validation]),
    batch_size=BATCH,
    epochs=EPOCHS,
    verbose=0,
    callbacks=[callbacks.EarlyStopping("val_accuracy", patience=EPOCHS, mode="max", restore_best_weights=True)],
)
done("head")

with tempfile.TemporaryDirectory() as results:
    Model(net.inputs, head(net.outputs[0])).save(Path(results, "model.keras"))
    metrics = {}
    with open(Path(results, "predictions.csv"), "w") as file:
        writer = csv.writer(file)
        for part, rows in {"validation": validation, "holdout": holdout, "test": test}.items():
            probabilities = head.predict(features[rows], batch_size=BATCH, verbose=0)
            predicted = probabilities.argmax(1)
            confusion = np.zeros((len(classes), len(classes)), int)
            np.add.at(confusion, (labels[rows], predicted), 1)
            metrics[part] = {"accuracy": float((predicted == labels[rows]).mean()), "macro_f1": macro_f1(confusion)}
            writer.writerows([files[row], part, classes[label], *p] for row, label, p in zip(rows, labels[rows], probabilities))
    Path(results, "metrics.json").write_text(json.dumps(metrics))
done("evaluation and files")

print(json.dumps({"parts": parts, "metrics": metrics, "epochs": len(history.history["loss"])}))
sys.exit(0 if metrics["validation"]["accuracy"] >= 0 and metrics["test"]["accuracy"] >= 0 else 1)
