"""Puts the calling process into confinement, layer by layer, and says what was reached.

The order matters: namespaces and limits need what the later layers forbid, and Landlock and
seccomp hold for the calling thread and its children only, so that no library may have started a
thread before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from auditor.confinement import landlock, limits, namespaces, paths, seccomp, selftest
from auditor.confinement.level import Report


def enter(read: Iterable[str], code: Iterable[str], memory: int, parent: int = 0) -> Report:
    """Confine this process for good.

    Args:
        read: files and folders that the worker was given: the delivery and the clean set.
        code: folders of the auditor's own trusted modules.
        memory: bytes that it may use.
        parent: process that it must not outlive.
    """
    if not sys.platform.startswith("linux"):
        return Report()
    graphics = paths.graphics()
    namespaces.die_with_parent(parent)
    limits.leave_nothing()
    limits.first_to_go()
    left = namespaces.detach()
    held = limits.set_limits(memory, bool(graphics), "user" in left)
    extra = paths.GRAPHICS if graphics else ()
    readable = [*paths.programs(), *paths.trusted_code(code), *map(Path, (*read, *extra))]
    version = landlock.restrict(readable, map(Path, code), graphics)
    limits.drop_capabilities(keep_reading=version > 0)
    limits.hide()
    filtered = seccomp.install(bool(graphics))
    tried, succeeded = selftest.holes()
    return Report(left, version, filtered, held, tried, succeeded)
