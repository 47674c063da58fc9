"""Features by PyTorch, batch norms folded. usage: torch_features.py NETWORK BATCH BATCHES"""

import sys

import torch
from rounds import serve_rounds
from torch.fx.experimental.optimization import fuse
from torch_networks import backbone, random_pictures

name, batch, batches = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

model = fuse(backbone(name).eval()).to(memory_format=torch.channels_last)
pictures, _ = random_pictures(batch)


def work():
    with torch.inference_mode():
        for _ in range(batches):
            model(pictures).numpy()


serve_rounds(work)
