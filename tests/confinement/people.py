"""Who a test runs as: root and an ordinary user, with an interpreter that both may start."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

NOBODY = 65534
PEOPLE = ("root", "ordinary user")


def switch(person: str) -> dict[str, object]:
    """Arguments for ``subprocess`` that make the child run as ``person``; skips with a reason."""
    root = os.geteuid() == 0
    if person == "root" and not root:
        pytest.skip("the tests do not run as root, so they cannot show what holds for root")
    if person == "root" or not root:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@cache
def interpreter(folder: Path) -> str:
    """A Python that an ordinary user may start and that sees this one's packages.

    An interpreter under a home folder is closed to others; then the system's own of the same
    version is given the packages of this one.
    """
    if _starts(sys.executable):
        return sys.executable
    base = f"/usr/bin/python3.{sys.version_info.minor}"
    if not _starts(base):
        pytest.skip(f"an ordinary user may run neither {sys.executable} nor {base}")
    made = folder / "python"
    subprocess.run([base, "-m", "venv", "--without-pip", made], check=True)
    (site,) = made.glob("lib/python3*/site-packages")
    places = [Path(entry) for entry in sys.path if "-packages" in entry]
    in_place = [path.read_text() for place in places for path in place.glob("__editable__*.pth")]
    (site / "packages.pth").write_text("\n".join([*map(str, places), *in_place]))
    return str(made / "bin/python")


def _starts(python: str) -> bool:
    command, how = [python, "-I", "-c", ""], switch("ordinary user")
    try:
        return subprocess.run(command, check=False, capture_output=True, **how).returncode == 0  # type: ignore[call-overload]
    except OSError:
        return False


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may use; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o777)
        yield Path(name)
