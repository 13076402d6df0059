"""Limits of one process, and the privileges that root gives up.

An address-space limit breaks CUDA, which reserves far more than it uses; it is left out where a
graphics processor is present, and the parent's watch over resident memory remains.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from pathlib import Path

from auditor.confinement.libc import LIBC, checked, prctl

FILE_BYTES = 16 << 20
OPEN_FILES = 256
TASKS = 512
VIRTUAL_EXTRA = 4 << 30
"""Address space beyond the memory allowed: programs, stacks and what is reserved but unused."""
PR_SET_DUMPABLE = 4
DAC_READ_SEARCH = 1 << 2
CAPABILITY_VERSION = 0x20080522


def set_limits(memory: int, devices: bool, own_tasks: bool) -> dict[str, int]:
    """Set the limits; returns name -> value of those that hold.

    Args:
        memory: bytes the worker may use.
        own_tasks: tasks are counted for this process alone (a user namespace), so that a limit
            cannot be used up by the user's other programs.
    """
    wanted = {"FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES, "MSGQUEUE": 0, "MEMLOCK": 0}
    if devices:
        del wanted["MEMLOCK"]
    else:
        wanted["AS"] = memory + VIRTUAL_EXTRA
    if own_tasks:
        wanted["NPROC"] = TASKS
    return {name.lower(): value for name, value in wanted.items() if _limit(name, value)}


def _limit(name: str, value: int) -> bool:
    kind: int = getattr(resource, f"RLIMIT_{name}")
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (OSError, ValueError):
        return False
    return True


def first_to_go() -> None:
    """When memory runs out, the kernel should end this process and no other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def leave_nothing() -> None:
    """No core file, and no open file but standard input, output and error."""
    _limit("CORE", 0)
    os.closerange(3, max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[0] % (1 << 20)))


def drop_capabilities(keep_reading: bool) -> None:
    """Give up every capability, but for reading others' files where Landlock says which.

    Raises:
        OSError: the kernel did not take them.
    """
    kept = DAC_READ_SEARCH if keep_reading and os.geteuid() == 0 and _may_read() else 0
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    checked(LIBC.capset(head, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)))


def _may_read() -> bool:
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()
    return LIBC.capget(head, held) == 0 and bool(held[1] & DAC_READ_SEARCH)


def hide() -> None:
    """No core file, and no other process of this user may look into this one."""
    prctl(PR_SET_DUMPABLE, 0)
