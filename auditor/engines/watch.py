"""The parent's eye on the worker's memory and threads; time limits are the engine's.

The kernel's limits are per process and differ between root and others; this one holds for all:
every quarter of a second the worker's resident memory and threads are read from /proc, and a
worker over its limit is killed with everything it started.
Limits: what is used and freed between two looks is not seen; without /proc nothing is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.25
THREADS = 1024
SHARE = 0.75
PAGE = os.sysconf("SC_PAGE_SIZE")
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def allowance() -> int:
    """Bytes a worker may use: three quarters of what is free now, or of the container's limit."""
    free = os.sysconf("SC_PHYS_PAGES") * PAGE
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = int(next(x for x in lines if x.startswith("MemAvailable")).split()[1]) << 10
    for file in CGROUPS:
        with contextlib.suppress(OSError, ValueError):
            free = min(free, int(Path(file).read_text()))
    return int(free * SHARE)


@dataclass
class Watch:
    """Watches one process group until it is told to stop; ``reason`` says why it was killed."""

    pid: int
    memory: int
    reason: str = ""
    _done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._loop, daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()

    def _loop(self) -> None:
        while not self._done.wait(EVERY_S):
            used, threads = usage(self.pid)
            if used > self.memory:
                self._kill(f"used more than the {self.memory / 2**30:.1f} GiB it may have")
            elif threads > THREADS:
                self._kill(f"had more than {THREADS} threads")

    def _kill(self, reason: str) -> None:
        if not self._done.is_set():
            self.reason = reason
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._done.set()


def usage(pid: int) -> tuple[int, int]:
    """Resident bytes and threads of a process and its children."""
    used = threads = 0
    for each in (pid, *_children(pid)):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            used, threads = used + int(fields[21]) * PAGE, threads + int(fields[17])
    return used, threads


def _children(pid: int) -> list[int]:
    """The worker itself, where it runs in a process namespace of its own."""
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
