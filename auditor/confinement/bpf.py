"""The seccomp filter as classic BPF: what is not allowed fails with EPERM.

Each test is "if the number is this one, allow", so that no jump is longer than BPF can encode.
Purpose: no sockets, no programs, no processes (threads stay), no files opened for writing, no
signals to others, nothing of the kernel's newer surface. Calls of another architecture kill.
Limits: a filter sees numbers, not what pointers point to; which files may be read is Landlock's.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Iterator

from auditor.confinement.syscalls import AUDIT_ARCH, CHECKED, FREE, numbers

LOAD, JUMP_EQUAL, JUMP_GE, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
REFUSE = ERRNO | errno.EPERM
MISSING = ERRNO | errno.ENOSYS
NUMBER, ARCH = 0, 4
X32 = 0x40000000
CLONE_THREAD, CLONE_NEW = 0x00010000, 0x7E020000
WRITES = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000
"""Access mode, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE's own bit (the last as on x86-64)."""
PR_NAME, PR_GET_NAME, PR_SET_VMA = 15, 16, 0x53564D41
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
FCNTLS = (0, 1, 2, 3, 4, 1030, 1034)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GET_SEALS."""

Step = tuple[int, int, int, int]


def program(machine: str, pid: int, devices: bool = False) -> bytes:
    """The filter, 8 bytes an instruction.

    Args:
        machine: ``x86_64`` or ``aarch64``.
        pid: of the process to be filtered, which may signal its own threads only.
        devices: a graphics processor is present, whose driver opens devices for writing and
            talks to them with ioctl; Landlock alone then says which files are opened.
    """
    steps = [
        (LOAD, 0, 0, ARCH),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        *([(JUMP_GE, 0, 1, X32), (RETURN, 0, 0, KILL)] if machine == "x86_64" else []),
        *_free(numbers(FREE, machine).values()),
        *_checked(numbers(CHECKED, machine), pid, devices),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _free(allowed: Iterable[int]) -> Iterator[Step]:
    for number in allowed:
        yield from ((JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW))


def _checked(number: dict[str, int], pid: int, devices: bool) -> list[Step]:
    rules = {
        "clone3": [(RETURN, 0, 0, MISSING)],  # the C library falls back to clone
        "clone": _masked(0, CLONE_THREAD | CLONE_NEW, CLONE_THREAD),
        "tgkill": _one_of(0, (pid,)),
        "prlimit64": [*_one_of(2, (0,), high=True)],
        "prctl": _one_of(0, (PR_NAME, PR_GET_NAME, PR_SET_VMA)),
        "fcntl": _one_of(1, FCNTLS),
        "ioctl": [(RETURN, 0, 0, ALLOW)] if devices else _one_of(1, IOCTLS),
        "open": [(RETURN, 0, 0, ALLOW)] if devices else _masked(1, WRITES, 0),
        "openat": [(RETURN, 0, 0, ALLOW)] if devices else _masked(2, WRITES, 0),
    }
    steps: list[Step] = []
    for name, body in rules.items():
        if name in number:
            steps += [(JUMP_EQUAL, 0, len(body), number[name]), *body]
    return steps


def _argument(index: int) -> int:
    return 16 + 8 * index


def _masked(index: int, mask: int, wanted: int) -> list[Step]:
    """Allow where the argument under the mask is ``wanted``, else refuse."""
    return [
        (LOAD, 0, 0, _argument(index)),
        (AND, 0, 0, mask),
        (JUMP_EQUAL, 0, 1, wanted),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]


def _one_of(index: int, values: Iterable[int], high: bool = False) -> list[Step]:
    """Allow the listed values of an argument; ``high``: its upper half must be zero too."""
    guard: list[Step] = [
        (LOAD, 0, 0, _argument(index) + 4),
        (JUMP_EQUAL, 1, 0, 0),
        (RETURN, 0, 0, REFUSE),
    ]
    body = [step for value in values for step in ((JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW))]
    return [*(guard if high else []), (LOAD, 0, 0, _argument(index)), *body, (RETURN, 0, 0, REFUSE)]
