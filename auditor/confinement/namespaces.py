"""Namespaces: a network without a way out, and no sight of other processes.

An ordinary user gets them inside a user namespace of their own; root takes them directly and
gives up its capabilities later. Each is tried alone, because containers often forbid some.
The process namespace needs a child: ``detach`` returns in the child, and this process stays
behind to wait for it and to end as it ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from auditor.confinement.libc import LIBC, checked, prctl

NEW = {"user": 0x10000000, "net": 0x40000000, "ipc": 0x08000000, "mount": 0x00020000,
       "pid": 0x20000000}  # fmt: skip
MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x4000, 1 << 18, 2, 4, 8
PR_SET_PDEATHSIG = 1


def detach() -> tuple[str, ...]:
    """Leave the machine's namespaces; returns the names of those that were left."""
    made = [name for name in ("net", "ipc", "mount", "pid") if _unshare(name)]
    if "net" not in made and _own_user():
        made = ["user", *(name for name in ("net", "ipc", "mount", "pid") if _unshare(name))]
    if "pid" in made:
        made = _into_child(made)
    if "mount" in made:
        _own_proc("pid" in made)
    return tuple(made)


def _unshare(name: str) -> bool:
    return int(LIBC.unshare(NEW[name])) == 0


def _own_user() -> bool:
    user, group = os.geteuid(), os.getegid()
    if not _unshare("user"):
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _into_child(made: list[str]) -> list[str]:
    try:
        child = os.fork()
    except OSError:
        return [name for name in made if name != "pid"]
    if child:
        _wait_for(child)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return made


def _wait_for(child: int) -> NoReturn:
    """Hold no pipe, wait, and end as the child ended."""
    os.closerange(0, 2)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no handler to reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(abs(code))


def _own_proc(fresh: bool) -> None:
    """Changes of mounts stay inside; ``fresh``: /proc shows this process only, where allowed."""
    with contextlib.suppress(OSError):
        _mount(b"none", b"/", None, MS_REC | MS_PRIVATE)
        if fresh:
            _mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int) -> None:
    checked(LIBC.mount(source, target, kind, ctypes.c_ulong(flags), None))


def die_with_parent(parent: int) -> None:
    """Be killed when the process that started this one ends, even if it was killed itself."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        sys.exit(0)
