"""Answers, for one request a line, what DVC says of the repository in the current folder.

`commit` notes what is there in dvc.lock, whatever it was before; `status` gives DVC's own status of every stage, or its error.
One process imports DVC once and answers many states of the files.
"""

import contextlib
import io
import json
import logging
import sys

from dvc.repo import Repo

logging.disable(logging.CRITICAL)


def answer(request):
    repo = Repo(".")
    try:
        if request == "commit":
            repo.commit(force=True)
            return {}
        return {"status": repo.status()}
    finally:
        repo.close()


def main():
    out = sys.stdout
    for line in sys.stdin:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                reply = answer(line.strip())
        except Exception as error:  # what the command line would print
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply, default=str), file=out, flush=True)


main()
