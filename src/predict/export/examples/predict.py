"""Classify images: pip install onnxruntime pillow, then python predict.py photo.jpg …"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image, ImageOps

folder = Path(__file__).resolve().parent.parent
labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
crop = json.loads((folder / "preprocessor_config.json").read_text())["do_center_crop"]
session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
size = session.get_inputs()[0].shape[2]
novelty = json.loads((folder / "novelty.json").read_text())
references = numpy.fromfile(folder / "references.bin", numpy.int8).reshape(-1, novelty["width"]).astype(numpy.float32)
references /= numpy.maximum(numpy.linalg.norm(references, axis=1, keepdims=True), 1)
places = numpy.repeat(numpy.arange(len(novelty["references"])), novelty["references"])


def square_of(image):
    if not crop:
        return image.resize((size, size), Image.BILINEAR)
    whole = image.resize([round(side * size / min(image.size)) for side in image.size], Image.BILINEAR)
    left, top = [(side - size + 1) // 2 for side in whole.size]
    return whole.crop((left, top, left + size, top + size))


def pixels_of(path):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return numpy.asarray(square_of(image), numpy.float32)  # 0 to 255


def answer(probabilities, features):
    best = probabilities.argmax()
    label = f"{labels[str(best)]} {probabilities[best]:.3f}"
    if novelty["limit"] is None:
        return label
    distances = 1 - references @ features / max(numpy.linalg.norm(features), 1e-12)  # cosine
    nearest = distances.argsort()[: novelty["neighbours"]]
    if not distances[nearest[-1]] <= novelty["limit"]:  # unlike the training images
        counts = Counter(labels[str(place)] for place in places[nearest])
        label = "null, nearest " + " ".join(f"{name} {count}" for name, count in counts.items())
    return f"{label}, distance {distances[nearest[-1]]:.4f}"


for path in sys.argv[1:]:
    pixels = pixels_of(path).transpose(2, 0, 1)  # channels first
    [[probabilities], [features]] = session.run(["probabilities", "features"], {"pixel_values": pixels[None]})
    print(f"{path}: {answer(probabilities, features)}")
