"""Carry the checkpoints of a training through the DVC remote, so that another machine continues it.

usage   .venv/bin/python src/dvc/checkpoints.py pull NAME FOLDER     downloads what FOLDER lacks
        .venv/bin/python src/dvc/checkpoints.py follow NAME FOLDER   uploads what is new, and deletes what is gone, until
                                                                     standard input ends

NAME is a configuration; its checkpoints are in FOLDER/NAME-<key>/, which is the same path below checkpoints/ on the remote.
Checkpoints carry digests, so one that was uploaded in part is passed over by the training that reads it.
"""

import os
import re
import select
import sys

from dvc.repo import Repo

POLL_SECONDS = 2
TEMPORARY = ".tmp"


def local_files(name, folder):
    """Size and time of each file by its path below the folder."""
    files = {}
    for place, _, names in os.walk(folder):
        for each in names:
            path = os.path.join(place, each)
            below = os.path.relpath(path, folder).replace(os.sep, "/")
            if is_of(name, below) and not each.endswith(TEMPORARY):
                try:
                    status = os.stat(path)
                except FileNotFoundError:
                    continue  # replaced by a newer one
                files[below] = (status.st_size, status.st_mtime_ns)
    return files


def is_of(name, path):
    return re.fullmatch(re.escape(name) + r"-[0-9a-f]{16}-[0-9a-f]{8}/[^/]+", path) is not None


def remote_files(name, fs, root):
    if not fs.exists(root):
        return []
    paths = ["/".join(fs.parts(path)[-2:]) for path in fs.find(root)]
    return [path for path in paths if is_of(name, path)]


def pull(name, folder, fs, root):
    have = local_files(name, folder)
    for path in remote_files(name, fs, root):
        if path in have:
            continue
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        fs.get_file(fs.join(root, path), target + TEMPORARY)
        os.replace(target + TEMPORARY, target)


def upload(folder, fs, root, path):
    target = fs.join(root, path)
    fs.makedirs(fs.parent(target), exist_ok=True)
    fs.put_file(os.path.join(folder, path), target)


def mirror(name, folder, fs, root, uploaded):
    """Brings the remote up to date; `uploaded` has what is there. The newest step goes first: training continues from it."""
    current = local_files(name, folder)
    for path, state in sorted(current.items(), reverse=True):  # epoch-00002-step-…, epoch-00001-step-…, best
        if uploaded.get(path) != state:
            try:
                upload(folder, fs, root, path)
            except FileNotFoundError:
                continue  # replaced by a newer one
            uploaded[path] = state
    for path in set(uploaded) - set(current):
        if fs.exists(fs.join(root, path)):
            fs.remove(fs.join(root, path))
        del uploaded[path]


def follow(name, folder, fs, root):
    uploaded = dict.fromkeys(remote_files(name, fs, root))
    failure = None
    while True:
        ended = bool(select.select([sys.stdin], [], [], POLL_SECONDS)[0])
        try:
            mirror(name, folder, fs, root, uploaded)
            failure = None
        except Exception as error:  # the training goes on; the next turn tries again
            if failure is None:
                print(f"checkpoints: not uploaded: {error}", file=sys.stderr)
            failure = error
        if ended:
            return


def main():
    action, name, folder = sys.argv[1:]
    remote = Repo(".").cloud.get_remote()
    root = remote.fs.join(remote.path, "checkpoints")
    {"pull": pull, "follow": follow}[action](name, folder, remote.fs, root)


main()
