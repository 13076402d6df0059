"""The C library through ctypes: system calls by number, with Python's errors."""

from __future__ import annotations

import ctypes
import os
import platform

LIBC = ctypes.CDLL(None, use_errno=True)
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
SUPPORTED = MACHINE in ("x86_64", "aarch64")


def checked(result: int) -> int:
    """The result of a C call.

    Raises:
        OSError: the call failed.
    """
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number; integers are passed as 64 bits wide."""
    wide = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return checked(LIBC.syscall(ctypes.c_long(number), *wide))


def prctl(option: int, second: int = 0, third: int = 0) -> int:
    """``prctl`` with up to three arguments."""
    rest = (ctypes.c_ulong(each) for each in (second, third, 0, 0))
    return checked(LIBC.prctl(option, *rest))
