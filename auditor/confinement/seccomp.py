"""Puts the seccomp filter in force for this process and all its later threads."""

from __future__ import annotations

import ctypes
import os

from auditor.confinement.bpf import program
from auditor.confinement.libc import MACHINE, SUPPORTED, prctl, syscall

SECCOMP = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER, ALL_THREADS = 1, 1
PR_SET_NO_NEW_PRIVS = 38


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(devices: bool) -> bool:
    """Whether the filter is in force; False where the kernel has none for us."""
    if not SUPPORTED:
        return False
    code = program(MACHINE, os.getpid(), devices)
    held = _Program(len(code) // 8, code)
    try:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(SECCOMP[MACHINE], SET_MODE_FILTER, ALL_THREADS, ctypes.byref(held))
    except OSError:
        return False
    return True
