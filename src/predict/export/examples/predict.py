"""Classify images: pip install onnxruntime pillow, then python predict.py photo.jpg …"""

import json
import sys
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image, ImageOps

folder = Path(__file__).resolve().parent.parent
labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
crop = json.loads((folder / "preprocessor_config.json").read_text())["do_center_crop"]
session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
size = session.get_inputs()[0].shape[2]


def square_of(image):
    if not crop:
        return image.resize((size, size), Image.BILINEAR)
    whole = image.resize([round(side * size / min(image.size)) for side in image.size], Image.BILINEAR)
    left, top = [(side - size + 1) // 2 for side in whole.size]
    return whole.crop((left, top, left + size, top + size))


for path in sys.argv[1:]:
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    pixels = numpy.asarray(square_of(image), numpy.float32).transpose(2, 0, 1)  # channels first, 0 to 255
    [[probabilities]] = session.run(["probabilities"], {"pixel_values": pixels[None]})
    best = probabilities.argmax()
    print(f"{path}: {labels[str(best)]} {probabilities[best]:.3f}")
