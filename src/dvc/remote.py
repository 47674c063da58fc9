"""Set up and check the DVC remote through DVC itself, so that any remote that DVC supports works and finds its credentials.

usage   .venv/bin/python src/dvc/remote.py set '{"url": …, "verify": true, …}'   writes .dvc/config, then probes
        .venv/bin/python src/dvc/remote.py probe                                 writes, reads and deletes an object
        .venv/bin/python src/dvc/remote.py check                                 hashes every object, here and on the remote
        .venv/bin/python src/dvc/remote.py heal                                  and replaces the damaged ones

Prints JSON lines: {"done", "total"} for progress; {"place", "object", "path", "size", "fault", "healed"} for each damaged or missing
object, `place` being "here" or "remote"; {"error"} before exit code 1; with "kept", the URL of the old remote, when `set` restored it.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

from dvc.repo import Repo
from dvc.stage.cache import _get_cache_hash
from dvc.utils.serialize import parse_yaml

NAME = "storage"
CONFIG = ".dvc/config"
THREADS = 8
CHUNK_BYTES = 2**20


class Kept(Exception):
    """The new remote failed, and the old one, whose URL this holds, is back."""


def say(**content):
    print(json.dumps(content), flush=True)


def set_remote(repo, options):
    old = repo.config["core"].get("remote")
    url = repo.config["remote"].get(old, {}).get("url", old)
    with open(CONFIG, "rb") as file:
        text = file.read()
    try:
        with repo.config.edit("repo") as config:
            config.setdefault("core", {})["remote"] = NAME
            config.setdefault("remote", {})[NAME] = json.loads(options)
        probe(Repo("."))
    except Exception as error:
        if not old:
            raise
        with open(CONFIG, "wb") as file:
            file.write(text)
        raise Kept(url) from error


def probe(repo):
    """Writes, reads and deletes a file of our own beside the objects."""
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
        raise OSError("what was deleted still exists")


def check(repo, heal):
    remote = repo.cloud.get_remote() if repo.config["core"].get("remote") else None
    check_cache(repo, remote, heal)
    if remote:
        check_remote(repo, remote, heal)


def check_cache(repo, remote, heal):
    """Checks the objects of this machine's cache that dvc.lock needs. A missing one only counts if the remote lacks it too."""
    needed = needed_by(repo)
    for done, (value, names) in enumerate(needed.items(), 1):
        path = repo.cache.local.oid_to_path(value)
        fault = md5_fault(repo.cache.local.fs, path) if os.path.exists(path) else "it is missing"
        away = remote and remote.odb.oid_to_path(value)
        if fault and (os.path.exists(path) or not away or not remote.odb.fs.exists(away)):
            size = os.path.getsize(path) if os.path.exists(path) else 0
            healed = heal and restore(repo, path, names, (remote, away))
            say(place="here", object=os.path.relpath(path), path=names[0], size=size, fault=fault, healed=healed)
        say(done=done, total=len(needed), place="here")


def needed_by(repo):
    """Paths by hash of the outs in dvc.lock, and of the files of a folder if its list is intact."""
    needed = {}
    for out in repo.index.outs:
        if not out.hash_info or not out.use_cache or out.stage.is_data_source:
            continue
        needed.setdefault(out.hash_info.value, []).append(str(out))
        path = repo.cache.local.oid_to_path(out.hash_info.value)
        if out.hash_info.isdir and os.path.exists(path) and not md5_fault(repo.cache.local.fs, path):
            for key, (_meta, file) in out.get_obj().iteritems():
                needed.setdefault(file.value, []).append("/".join((str(out), *key)))
    return needed


def restore(repo, path, names, elsewhere):
    """
    Replaces an object of the cache with the checkout's file or the remote's object, if one is intact. Otherwise removes it,
    and its files in the checkout: DVC then runs the stage that makes them.
    """
    fs = repo.cache.local.fs
    if os.path.exists(path):
        os.remove(path)
    remote, away = elsewhere
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for name in names:
        if os.path.isfile(name) and md5_of(fs, name) == hash_in(fs, path):
            shutil.copyfile(name, path)
            break
    else:
        if away and remote.odb.fs.exists(away) and md5_fault(remote.odb.fs, away) is None:
            remote.odb.fs.get_file(away, path)
    if os.path.exists(path) and md5_fault(fs, path) is None:
        os.chmod(path, 0o444)
        return True
    for name in names:
        shutil.rmtree(name, ignore_errors=True)
        if os.path.exists(name):
            os.remove(name)
    return False


def check_remote(repo, remote, heal):
    fs = remote.odb.fs
    objects = list(objects_of(repo))
    if not objects:
        expect_remote(repo)
    names = None
    with ThreadPoolExecutor(THREADS) as pool:
        faults = pool.map(lambda each: each[2](fs, each[0]), objects)
        for done, ((path, copy, fault_of), fault) in enumerate(zip(objects, faults), 1):
            if fault:
                names = names_of(repo) if names is None else names
                name = names.get("".join(fs.parts(path)[-2:]), "run cache" if fault_of is run_fault else "not in dvc.lock")
                size = fs.size(path)
                healed = heal and replace(fs, path, repo.cache.local.fs, copy, fault_of)
                say(place="remote", object=path, path=name, size=size, fault=fault, healed=healed)
            say(done=done, total=len(objects), place="remote")


def objects_of(repo):
    """Each object of the remote: its path there, its path in the local cache, and the check of its content."""
    remote = repo.cloud.get_remote()
    odb, legacy = remote.odb, remote.legacy_odb
    for path in list_files(odb.fs, odb.path):
        yield path, repo.cache.local.oid_to_path("".join(odb.fs.parts(path)[-2:])), md5_fault
    for path in list_files(legacy.fs, legacy.fs.join(legacy.path, "runs")):
        yield path, os.path.join(repo.cache.legacy.path, "runs", *legacy.fs.parts(path)[-3:]), run_fault


def replace(fs, path, local, copy, fault_of):
    """Replaces a damaged object by the local copy, if that is intact. (`dvc push` would take the object for present.)"""
    if not local.exists(copy) or fault_of(local, copy) is not None:
        return False
    fs.remove(path)
    fs.put_file(copy, path)
    return fault_of(fs, path) is None


def list_files(fs, path):
    return sorted(fs.find(path)) if fs.exists(path) else []


def md5_of(fs, path):
    digest = hashlib.md5(usedforsecurity=False)
    with fs.open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def md5_fault(fs, path):
    found = md5_of(fs, path)
    return None if found == hash_in(fs, path) else f"its MD5 is {found}"


def hash_in(fs, path):
    """The hash in the name of an object."""
    return "".join(fs.parts(path)[-2:]).split(".")[0]


def run_fault(fs, path):
    """An entry of the run cache is named by the hash of its content."""
    try:
        with fs.open(path, "rb") as file:
            digest = _get_cache_hash(parse_yaml(file.read().decode(), path))
    except Exception:
        return "it cannot be parsed"
    return None if digest == fs.parts(path)[-1] else "its content was changed"


def names_of(repo):
    """Paths by hash of the outs of dvc.lock and data.dvc; files of folders as far as the local cache lists them."""
    names = {}
    for out in repo.index.outs:
        if not out.hash_info:
            continue
        names[out.hash_info.value] = str(out)
        if out.hash_info.isdir:
            try:
                for key, (_meta, file) in out.get_obj().iteritems():
                    names[file.value] = "/".join((str(out), *key))
            except (OSError, AttributeError):
                pass  # not in the local cache
    return names


def expect_remote(repo):
    """A bucket that does not exist lists as an empty one does."""
    remote = repo.cloud.get_remote()
    fs, path = remote.fs, remote.path
    place = path if fs.protocol == "local" else fs.parts(path)[0]
    if not fs.exists(place):
        raise FileNotFoundError(f"{place} does not exist")


def reason_of(error):
    """The message of an error; its class where that has little to say."""
    message = re.sub(r"^\[Errno -?\d+\] ", "", " ".join(str(error).split()).rstrip("."))
    message = re.sub(r"://[^\s/'\"]*@", "://", message)  # no passwords, and no keys in signed addresses
    message = re.sub(r"(://[^\s?'\"]*)\?[^\s'\"]*", r"\1", message)
    if not message and isinstance(error, NotImplementedError):
        return "DVC reads from such an address, but cannot write there"
    return message if " " in message else f"{type(error).__name__} {message}".strip()


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
    except Kept as kept:
        say(error=reason_of(kept.__cause__), kept=str(kept))
        sys.exit(1)
    except Exception as error:  # refused, unreachable, no credentials, no bucket
        say(error=reason_of(error))
        sys.exit(1)


main(*sys.argv[1:])
