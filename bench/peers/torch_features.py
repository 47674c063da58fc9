"""Features by PyTorch, batch norms folded. usage: torch_features.py NETWORK BATCH BATCHES"""

import sys

import torch
from rounds import serve_rounds
from torch.fx.experimental.optimization import fuse
from torch_networks import backbone, random_images

name, batch, batches = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

model = fuse(backbone(name).eval()).to(memory_format=torch.channels_last)
images, _ = random_images(batch)


def work():
    with torch.inference_mode():
        for _ in range(batches):
            model(images).numpy()


serve_rounds(work)
