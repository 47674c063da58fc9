"""All photographs as pixels by Pillow: draft mode, centre crop, bilinear, on as many threads as the others have."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from photographs import IMAGE_SIZE, list_photographs
from PIL import Image, ImageOps
from rounds import serve_rounds

SIZE = (IMAGE_SIZE, IMAGE_SIZE)
files = list_photographs()
threads = ThreadPoolExecutor(int(os.environ["TF_NUM_INTRAOP_THREADS"]))


def decode(file):
    with Image.open(file) as image:
        image.draft("RGB", SIZE)
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(ImageOps.fit(upright, SIZE, Image.Resampling.BILINEAR))


def work():
    for _ in threads.map(decode, files):
        pass


serve_rounds(work)
