"""All photographs as pixels by torchvision: decode_jpeg, centre crop, resize with antialiasing, on as many threads as the others have."""

import os
from concurrent.futures import ThreadPoolExecutor

import torch
from photographs import IMAGE_SIZE, list_photographs
from rounds import serve_rounds
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms.v2 import functional

torch.set_num_threads(1)  # one an image; several images at once
files = list_photographs()
threads = ThreadPoolExecutor(int(os.environ["TF_NUM_INTRAOP_THREADS"]))


def decode(file):
    image = decode_jpeg(read_file(file), mode=ImageReadMode.RGB, apply_exif_orientation=True)
    side = min(image.shape[1:])
    square = functional.center_crop(image, [side, side])
    return functional.resize(square, [IMAGE_SIZE, IMAGE_SIZE], antialias=True).permute(1, 2, 0).numpy()


def work():
    for _ in threads.map(decode, files):
        pass


serve_rounds(work)
