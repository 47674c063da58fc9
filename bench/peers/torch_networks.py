"""The same networks in PyTorch: pixels 0 to 255 as bytes in, preprocessing inside, features or logits out."""

import os

import numpy as np
import torch
from torch import nn
from torchvision import models

IMAGE_SIZE = 224
CLASS_COUNT = 3

torch.set_num_threads(int(os.environ["TF_NUM_INTRAOP_THREADS"]))
torch.manual_seed(1)


def random_images(count):
    """Bytes `[count, 3, 224, 224]` as they lie in a packed file: channels last."""
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.arange(count) % CLASS_COUNT


class Scaled(nn.Module):
    """Pixels as floats, x * scale + offset, then the network."""

    def __init__(self, network, scale, offset):
        super().__init__()
        self.network = network
        self.scale = scale
        self.register_buffer("offset", torch.tensor(offset).reshape(1, -1, 1, 1))

    def forward(self, pixels):
        return self.network(pixels.float() * self.scale + self.offset)


def original():
    rows, before = [], 3
    for filters, pooled in [(16, True), (32, True), (64, True), (64, True), (64, False), (64, False)]:
        rows += [nn.Conv2d(before, filters, 3), nn.ReLU(), *([nn.MaxPool2d(2)] if pooled else [])]
        before = filters
    dense = [nn.Flatten(), nn.Linear(64 * 8 * 8, 516), nn.ReLU(), nn.Linear(516, 256), nn.ReLU()]
    return Scaled(nn.Sequential(*rows, *dense), 1 / 255, [0.0]), 256


def resnet50():
    network = models.resnet50(weights=None)
    for stage in (network.layer2, network.layer3, network.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)  # as in the paper and in Keras
    network.fc = nn.Identity()
    return Scaled(network, 1.0, [-123.68, -116.779, -103.939]), 2048


def efficientnetb0():
    network = models.efficientnet_b0(weights=None)
    network.classifier = nn.Identity()
    return Scaled(network, 1 / 255, [0.0]), 1280


def mobilenet():
    def normalized(convolution):
        return [convolution, nn.BatchNorm2d(convolution.out_channels, eps=1e-3, momentum=0.01), nn.ReLU6()]

    rows, before = normalized(nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)), 32
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for filters, stride in blocks:
        rows += normalized(nn.Conv2d(before, before, 3, stride=stride, padding=1, groups=before, bias=False))
        rows += normalized(nn.Conv2d(before, filters, 1, bias=False))
        before = filters
    return Scaled(nn.Sequential(*rows, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 1 / 127.5, [-1.0]), 1024


NETWORKS = {"original": original, "resnet50": resnet50, "efficientnetb0": efficientnetb0, "mobilenet": mobilenet}


def backbone(name):
    """Random weights, the output is the features; convolutions in the layout that oneDNN likes."""
    return NETWORKS[name]()[0].to(memory_format=torch.channels_last)


def classifier(name):
    network, width = NETWORKS[name]()
    return nn.Sequential(network, nn.Linear(width, CLASS_COUNT)).to(memory_format=torch.channels_last)
