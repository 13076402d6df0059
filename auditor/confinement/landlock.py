"""Landlock: which files may be read. Nothing may be written, run, bound or connected.

The version the kernel offers is asked for, and everything that it can forbid is forbidden
(https://docs.kernel.org/userspace-api/landlock.html). Limits: metadata (does a file exist, how
large is it) is not covered by the kernel; the seccomp filter forbids to change it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from auditor.confinement.libc import prctl, syscall
from auditor.confinement.seccomp import PR_SET_NO_NEW_PRIVS

CREATE, ADD, RESTRICT = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR, WRITE_FILE, IOCTL_DEVICE = 1 << 2, 1 << 3, 1 << 1, 1 << 15
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Version -> every access to files that it handles."""
TCP_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3


def version() -> int:
    """The Landlock version of this kernel, 0 if there is none."""
    try:
        return syscall(CREATE, None, 0, ASK_VERSION)
    except OSError:
        return 0


def restrict(
    read: Iterable[Path], listed: Iterable[Path] = (), devices: Iterable[Path] = ()
) -> int:
    """Allow reading beneath ``read``, names beneath ``listed``, use of ``devices``; nothing else.

    Returns:
        The version in force, 0 if the kernel has none.
    """
    offered = version()
    if not offered:
        return 0
    files = FILES[max(known for known in FILES if known <= offered)]
    ruleset = _ruleset(offered, files)
    try:
        for path in read:
            _allow(ruleset, path, READ_FILE | READ_DIR)
        for path in listed:
            _allow(ruleset, path, READ_DIR)
        for path in devices:
            _allow(ruleset, path, (READ_FILE | READ_DIR | WRITE_FILE | IOCTL_DEVICE) & files)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(RESTRICT, ruleset, 0)
    except OSError:
        return 0
    finally:
        os.close(ruleset)
    return offered


def _ruleset(offered: int, files: int) -> int:
    parts = [files]
    if offered >= TCP_SINCE:
        parts.append(BIND_AND_CONNECT)
    if offered >= SCOPES_SINCE:
        parts.append(ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"<{len(parts)}Q", *parts)
    return syscall(CREATE, ctypes.c_char_p(attributes), len(attributes), 0)


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be allowed
    try:
        kept = access if path.is_dir() else access & ~READ_DIR
        rule = struct.pack("<Qi", kept, held)
        syscall(ADD, ruleset, PATH_BENEATH, ctypes.c_char_p(rule), 0)
    finally:
        os.close(held)
