"""Which files the worker may read: programs, the machine's description, and what it was given."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

SYSTEM = (
    "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version",
    "/proc/sys/vm", "/proc/sys/kernel/osrelease", "/sys/devices/system/cpu",
    "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage",
)  # fmt: skip
GRAPHICS = ("/proc/driver/nvidia", "/sys/module/nvidia", "/sys/bus/pci/devices", "/sys/devices")


def programs() -> list[Path]:
    """The interpreter, every place that modules come from, and the system's libraries."""
    import auditor

    package = Path(auditor.__file__).resolve().parent
    places = [Path(entry) for entry in (sys.prefix, sys.base_prefix, *sys.path) if entry]
    return [*places, package, *_editable(), *map(Path, SYSTEM)]


def _editable() -> list[Path]:
    """Folders of packages that are installed in place."""
    finders = (module for name, module in sys.modules.items() if name.startswith("__editable__"))
    return [Path(place) for finder in finders for place in getattr(finder, "MAPPING", {}).values()]


def graphics() -> list[Path]:
    """Devices of NVIDIA graphics processors; empty where there are none."""
    return sorted(Path("/dev").glob("nvidia*"))


def trusted_code(folders: Iterable[str]) -> list[Path]:
    """Modules and packages that lie directly in folders of the auditor's own code."""
    found: list[Path] = []
    for folder in map(Path, folders):
        found += folder.glob("*.py")
        found += [path.parent for path in folder.glob("*/__init__.py")]
    return found
