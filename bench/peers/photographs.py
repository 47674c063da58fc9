"""The photographs, in the order in which ours takes them."""

import os
from pathlib import Path

IMAGE_SIZE = 224


def list_photographs(folder=None):
    folder = Path(folder or os.environ["PADDOCK_BENCH_PHOTOGRAPHS"])
    return sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
