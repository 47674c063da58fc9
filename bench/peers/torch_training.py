"""Training steps by PyTorch. usage: torch_training.py NETWORK BATCH STEPS"""

import sys

import torch
from rounds import serve_rounds
from torch_networks import classifier, random_images

name, batch, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

model = classifier(name).train()
optimizer = torch.optim.Adam(model.parameters())
loss_of = torch.nn.CrossEntropyLoss()
images, labels = random_images(batch)


def work():
    losses = []
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())


serve_rounds(work)
