"""Rounds of keras_gate.py, a new process for each network. usage: keras_gate_rounds.py ALPHA=MODEL_JSON … (official MobileNets)"""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from keras import applications, layers
from rounds import serve_rounds

here = Path(__file__).parent
photographs = os.environ["PADDOCK_BENCH_PHOTOGRAPHS"]


def read_layers_model(path):
    """The tensors of a TensorFlow.js layers model by name."""
    tensors = {}
    for group in json.loads(path.read_text())["weightsManifest"]:
        content = b"".join((path.parent / shard).read_bytes() for shard in group["paths"])
        offset = 0
        for weight in group["weights"]:
            count = math.prod(weight["shape"])
            tensors[weight["name"]] = np.frombuffer(content, np.float32, count, offset).reshape(weight["shape"])
            offset += 4 * count
    return tensors


def name_of(layer, weight):
    name = weight.path.split("/")[-1]
    return f"{layer.name}/{'depthwise_kernel' if isinstance(layer, layers.DepthwiseConv2D) else name}"


def save_weights(alpha, path, target):
    """The same weights in Keras's own format, as its users have them."""
    tensors = read_layers_model(path)
    model = applications.MobileNet(alpha=alpha, weights=None, include_top=False, pooling="avg", input_shape=(224, 224, 3))
    for layer in model.layers:
        layer.set_weights([tensors[name_of(layer, weight)] for weight in layer.weights])
    model.save_weights(target)


with tempfile.TemporaryDirectory() as folder:
    networks = []
    for place, given in enumerate(sys.argv[1:]):
        alpha, model = given.split("=", 1)
        weights = str(Path(folder, f"{place}.weights.h5"))
        save_weights(float(alpha), Path(model), weights)
        networks.append((alpha, weights))

    def work():
        parts = {}
        for alpha, weights in networks:
            script = [sys.executable, str(here / "keras_gate.py"), photographs, alpha, weights]
            done = subprocess.run(script, check=True, capture_output=True, text=True)
            said = json.loads(done.stdout.strip().splitlines()[-1])
            print(json.dumps(said["metrics"]), "epochs", said["epochs"], file=sys.stderr)
            for part, seconds in said["parts"].items():
                parts[part] = parts.get(part, 0) + seconds
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        return {"parts": parts, "peakBytes": peak}

    serve_rounds(work, warm_up=False)
