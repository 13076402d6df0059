"""What a pickle hands to a class of a package that is not known: settings, or a place on a disk.

Purpose: enumerations and their like are made of plain words. A class that is handed a path, an
address or a command opens, loads or makes something while it is unpickled.
Limits: a name without a folder looks like a word.
"""

from __future__ import annotations

import re

_PLACE = re.compile(
    r"(?:^|\s)(?:~?/|~\w|\.{1,2}/|[A-Za-z]:[\\/]|\\\\|[a-z][a-z0-9+]{1,9}://)[\w.-]"
)
READ = 1000
"""So many letters of a text, and so many arguments, are looked at."""


def place(args: object) -> str:
    """The first text among the arguments that is a path, an address or a command; else empty.

    >>> place(("steps",)), place((None, "sh /tmp/x"))
    ('', 'sh /tmp/x')
    """
    given = args if isinstance(args, tuple) else (args,)
    texts = [value for value in given[:READ] if isinstance(value, str)]
    return next((text for text in texts if _PLACE.search(text[:READ])), "")
