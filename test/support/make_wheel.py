"""Writes <name>-1.0-py3-none-any.whl into a folder and prints its checksum and size."""

import hashlib
import json
import pathlib
import sys
import zipfile

name, folder = sys.argv[1:]
info = f"{name}-1.0.dist-info"
files = {
    f"{name}.py": "def main():\n    print('dvc in miniature')\n",
    "tensorflow/lib/library.so": "a library",
    "tensorflow/python/left_out.py": "",
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{info}/entry_points.txt": f"[console_scripts]\ndvc = {name}:main\n",
}
files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])

wheel = pathlib.Path(folder) / f"{name}-1.0-py3-none-any.whl"
with zipfile.ZipFile(wheel, "w") as archive:
    for path, text in files.items():
        archive.writestr(zipfile.ZipInfo(path), text)  # without a date: the same bytes every time
content = wheel.read_bytes()
print(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "sizeBytes": len(content)}))
