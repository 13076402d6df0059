"""A worker does not outlive its parent, and libraries find the home that they insist on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.engines.watch import allowance, usage

STAY = """
import os, sys, time
from auditor.confinement import enter, namespaces
%s
enter.enter([], [], 1 << 30, int(sys.argv[1]))
print("here", flush=True)
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-I", "-c", sys.argv[1], str(os.getpid())],
                         stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.parametrize("patch", ["", "namespaces._unshare = lambda name: False"])
def test_a_worker_dies_with_its_parent(patch: str) -> None:
    command = [sys.executable, "-c", PARENT, STAY % patch]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
        pids = [worker, *map(int, children)]
        assert all(alive(pid) for pid in pids)
        used, threads = usage(worker)
        assert used > 5 << 20
        assert threads == len(pids)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if alive(pid)]


@pytest.mark.parametrize(
    ("code", "ended"),
    [("os._exit(7)", {7}), ("os.abort()", {-6, -11}), ("ctypes.string_at(1)", {-11})],
)
def test_it_ends_as_the_worker_ended(code: str, ended: set[int]) -> None:
    # the first process of a namespace cannot signal itself, so abort() ends it the hard way
    head = (
        "import ctypes, os\nfrom auditor.confinement.enter import enter\nenter([], [], 1 << 30)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", head + code], check=False)
    assert done.returncode in ended


def test_three_quarters_of_what_is_free() -> None:
    assert 1 << 28 < allowance() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_entering_is_quick() -> None:
    code = (
        "import time, json\nfrom auditor.confinement.enter import enter\nt = time.process_time()\n"
        "enter([], [], 1 << 30)\nprint(json.dumps(time.process_time() - t))"
    )
    times = [
        json.loads(subprocess.check_output([sys.executable, "-I", "-c", code])) for _ in range(3)
    ]
    assert min(times) < 0.1
