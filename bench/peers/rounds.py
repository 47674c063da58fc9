"""The peers' side of bench/rounds.ts: one round of work for each line on stdin, one line of JSON for each on stdout."""

import json
import re
import sys
import time


def peak_memory():
    with open("/proc/self/status") as status:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status.read(), re.M).group(1)) * 1024


def serve_rounds(work, warm_up=True):
    """Does the work once to warm up, then once a line; `work` may return what it has to say beside its time."""
    if warm_up:
        work()
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        said = work()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "peakBytes": peak_memory(), **(said or {})}), flush=True)
