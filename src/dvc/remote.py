"""The DVC remote, through DVC's own doors, so that any remote that DVC speaks to works and finds its credentials.

usage   .venv/bin/python src/dvc/remote.py set NAME '{"url": …, "verify": true, …}'   writes .dvc/config
        .venv/bin/python src/dvc/remote.py probe                                      writes, reads and deletes an object
        .venv/bin/python src/dvc/remote.py check                                      hashes every object there
        .venv/bin/python src/dvc/remote.py heal                                       and puts those that differ right

Prints JSON, a line each: {"done", "total"} on the way, {"object", "size", "fault", "healed"} for each that differs, and
{"error"} where it cannot go on.
"""

import hashlib
import json
import logging
import os
import re
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

from dvc.repo import Repo
from dvc.stage.cache import _get_cache_hash
from dvc.utils.serialize import parse_yaml

AT_ONCE = 8
CHUNK = 2**20


def say(**content):
    print(json.dumps(content), flush=True)


def set_remote(repo, name, options):
    """A folder that is not an absolute path is one seen from here; DVC writes it as seen from .dvc."""
    options = json.loads(options)
    with repo.config.edit("repo") as config:
        config.setdefault("core", {})["remote"] = name
        config.setdefault("remote", {})[name] = options


def probe(repo):
    """A file of our own beside the objects; gone again in the end, whatever happened."""
    root = repo.cloud.get_remote().odb
    path = root.fs.join(root.path, f"paddock-probe-{uuid.uuid4().hex}")
    content = os.urandom(32)
    root.fs.makedirs(root.path, exist_ok=True)
    try:
        with root.fs.open(path, "wb") as file:
            file.write(content)
        with root.fs.open(path, "rb") as file:
            if file.read() != content:
                raise OSError("what was written is not what is read")
    finally:
        if root.fs.exists(path):
            root.fs.remove(path)
    if root.fs.exists(path):
        raise OSError("what was deleted is still there")


def objects_of(repo):
    """Each object of the remote: its path there, its path in the local cache, and how its content is hashed."""
    remote = repo.cloud.get_remote()
    odb, cache = remote.odb, repo.cache.local
    for path in list_files(odb.fs, odb.path):
        oid = "".join(odb.fs.parts(path)[-2:])
        yield path, cache.oid_to_path(oid), oid, md5_fault
    legacy = remote.legacy_odb
    runs = legacy.fs.join(legacy.path, "runs")
    for path in list_files(legacy.fs, runs):
        key, value = legacy.fs.parts(path)[-2:]
        yield path, os.path.join(repo.cache.legacy.path, "runs", key[:2], key, value), value, run_fault


def list_files(fs, path):
    return sorted(fs.find(path)) if fs.exists(path) else []


def md5_fault(fs, path, oid):
    digest = hashlib.md5(usedforsecurity=False)
    with fs.open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return None if digest.hexdigest() == oid.split(".")[0] else f"its MD5 is {digest.hexdigest()}"


def run_fault(fs, path, value):
    """An entry of the run cache is named by the hash of what it says."""
    try:
        with fs.open(path, "rb") as file:
            said = _get_cache_hash(parse_yaml(file.read().decode(), path))
    except Exception:
        return "it cannot be read"
    return None if said == value else "it says something else"


def check(repo, heal):
    fs = repo.cloud.get_remote().odb.fs
    local = repo.cache.local.fs
    objects = list(objects_of(repo))
    if not objects:
        expect_remote(repo)

    def look(entry):
        path, _copy, name, fault_of = entry
        return entry, fault_of(fs, path, name)

    done = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for (path, copy, name, fault_of), fault in pool.map(look, objects):
            done += 1
            if fault:
                size = fs.size(path) if fs.exists(path) else 0
                healed = heal and put_right(fs, path, local, copy, name, fault_of)
                say(object=name, size=size, fault=fault, healed=healed)
            say(done=done, total=len(objects))


def expect_remote(repo):
    """A bucket that is not there lists as an empty one does."""
    remote = repo.cloud.get_remote()
    fs, path = remote.fs, remote.path
    place = path if fs.protocol == "local" else fs.parts(path)[0]
    if not fs.exists(place):
        raise FileNotFoundError(f"{place} is not there")


def put_right(fs, path, local, copy, name, fault_of):
    """Replaces an object by the local copy, when that is what it must be."""
    if not local.exists(copy) or fault_of(local, copy, name) is not None:
        return False
    fs.remove(path)
    fs.put_file(copy, path)
    return fault_of(fs, path, name) is None


def in_words(error):
    """What an error says; its name where it says nothing much."""
    said = re.sub(r"^\[Errno -?\d+\] ", "", " ".join(str(error).split()).rstrip("."))
    if not said and isinstance(error, NotImplementedError):
        return "DVC reads from such an address, but cannot write there"
    return said if " " in said else f"{type(error).__name__} {said}".strip()


def main(action, *words):
    logging.disable(logging.CRITICAL)
    try:
        repo = Repo(".")
        if action == "set":
            set_remote(repo, *words)
        elif action == "probe":
            probe(repo)
        else:
            check(repo, heal=action == "heal")
    except Exception as error:  # refused, unreachable, no credentials, no bucket: DVC's words for it
        say(error=in_words(error))
        sys.exit(1)


main(*sys.argv[1:])
