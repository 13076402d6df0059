"""Tries what the worker must not be able to do, harmlessly, before it sees a vendor's byte.

Each try is a call that would fail for another reason were it allowed (a program that does not
exist, a process that cannot exist), so that a hole shows without damage: denied means that the
kernel said "not permitted", "no access" or "no such call".
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable

from auditor.confinement.libc import LIBC, MACHINE, SUPPORTED, checked, syscall

DENIED = (errno.EPERM, errno.EACCES, errno.ENOSYS)
NOWHERE = "/nonexistent/auditor"
NOBODY = 0x3FFFFFFF
OUTSIDE = ("/etc/passwd", "/etc/group", "/etc/hosts")
CALLS = {
    "ptrace": {"x86_64": 101, "aarch64": 117},
    "bpf": {"x86_64": 321, "aarch64": 280},
    "keyctl": {"x86_64": 250, "aarch64": 219},
    "io_uring": {"x86_64": 425, "aarch64": 425},
    "process_vm_writev": {"x86_64": 311, "aarch64": 271},
    "memfd_create": {"x86_64": 319, "aarch64": 279},
}


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _write() -> None:
    path = f"/tmp/auditor-self-test-{os.getpid()}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(path)


def _read() -> None:
    there = next((path for path in OUTSIDE if os.path.exists(path)), "/")
    os.close(os.open(there, os.O_RDONLY))


def _call(name: str, *arguments: int) -> Callable[[], object]:
    return lambda: syscall(CALLS[name][MACHINE], *arguments)


def tries() -> dict[str, Callable[[], object]]:
    """Forbidden action -> a call that would do it, were it not for the target."""
    common: dict[str, Callable[[], object]] = {
        "read a file outside": _read,
        "list a folder outside": lambda: os.listdir("/"),
        "write a file": _write,
        "remove a file": lambda: os.unlink(NOWHERE),
        "change a file's mode": lambda: os.chmod(NOWHERE, 0o777),
        "open a network socket": lambda: socket.socket(socket.AF_INET),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX),
        "start a program": lambda: os.execv(NOWHERE, ["auditor"]),
        "start a process": _fork,
        "signal another process": lambda: os.kill(NOBODY, 0),
        "mount": lambda: checked(LIBC.mount(None, None, None, 0, None)),
        "unshare": lambda: checked(LIBC.unshare(0)),
        "become another user": lambda: os.setuid(os.getuid()),
    }
    if not SUPPORTED:
        return common
    return common | {
        "trace a process": _call("ptrace", 1, NOBODY, 0, 0),
        "load a kernel program": _call("bpf", 0, 0, 0),
        "use kernel keys": _call("keyctl", 0, -3, 0),
        "use io_uring": _call("io_uring", 0, 0),
        "write into a process": _call("process_vm_writev", NOBODY, 0, 0, 0, 0, 0),
        "make a file in memory": _call("memfd_create", 0, 0),
    }


def holes() -> tuple[int, tuple[str, ...]]:
    """How many forbidden actions were tried, and which of them were not prevented."""
    tried = tries()
    return len(tried), tuple(name for name, action in tried.items() if not _denied(action))


def _denied(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError as error:
        return error.errno in DENIED
    return False
