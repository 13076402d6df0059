"""What lies below a folder from outside: no recursion, no link followed, a limit on depth.

Purpose: the standard library's walks call themselves, so that a thousand folders in each other end
the process that judges.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

DEEPEST = 64


def below(folder: Path, closed: Callable[[OSError], object]) -> Iterator[Path]:
    """Everything below a folder that is no folder itself, links to folders included.

    Args:
        closed: told of folders that cannot be read or lie too deep, and may raise.
    """
    todo = [(folder, 0)]
    while todo:
        where, depth = todo.pop()
        try:
            with os.scandir(where) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            closed(error)
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield where / entry.name
            elif depth < DEEPEST:
                todo.append((where / entry.name, depth + 1))
            else:
                what = f"it is more than {DEEPEST} folders deep"
                closed(OSError(errno.ELOOP, what, str(where / entry.name)))
