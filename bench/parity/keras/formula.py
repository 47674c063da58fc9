"""Weights and images from a formula, the same as in bench/parity/formula.ts and test/support/parity.ts, so that no file is needed."""

import math

import numpy as np

"""Gain of the kernels: swish and the excitation halve their input, roughly."""
GAINS = {
    "resnet50": 1,
    "efficientnetb0": 1.45,
    "efficientnetb4": 1.25,
    "efficientnetv2-b0": 1.25,
    "efficientnetv2-s": 1.25,
    "convnext_tiny": 1,
}
"""As stored in the official files, where `variance` holds the standard deviation."""
NORMALIZATION = {"mean": [0.485, 0.456, 0.406], "variance": [0.229, 0.224, 0.225], "count": 0}


def uniform(name, count):
    """Numbers in [0, 1): FNV-1a of the name, then MurmurHash3's finalizer of each index."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = np.uint32(seed) + np.arange(count, dtype="uint32") * np.uint32(0x9E3779B1)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return (x ^ (x >> np.uint32(16))) / 2**32


def weight(name, shape, gain):
    """Kernels that keep the scale of activations, given the right gain, and batch norms near the identity."""
    role = name.split("/")[-1].removesuffix(":0")
    if role in NORMALIZATION:
        return np.asarray(NORMALIZATION[role], "int64" if role == "count" else "float32").reshape(shape)
    centred = 2 * uniform(name, math.prod(shape)) - 1
    fan_in = math.prod(shape[:2] if role == "depthwise_kernel" else shape[:-1])
    values = {
        "kernel": lambda: gain * centred * math.sqrt(3 / fan_in),
        "depthwise_kernel": lambda: gain * centred * math.sqrt(3 / fan_in),
        "bias": lambda: centred / 8,
        "gamma": lambda: 1 + centred / 4,
        "beta": lambda: centred / 4,
        "moving_mean": lambda: centred / 4,
        "moving_variance": lambda: 1 + centred / 2,
    }[role]()
    return values.astype("float32").reshape(shape)


def images(count, side):
    """Coarse squares with noise on top: float32 [N, S, S, 3] of whole numbers."""

    def image(number):
        squares = uniform(f"squares {number}", 8 * 8 * 3).reshape(8, 8, 3).repeat(side // 8, 0).repeat(side // 8, 1)
        noise = uniform(f"noise {number}", side * side * 3).reshape(side, side, 3)
        return np.floor(192 * squares + 64 * noise)

    return np.stack([image(number) for number in range(count)]).astype("float32")
