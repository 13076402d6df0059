"""Lists of packages for pip: a line names a package and its versions, or is a comment.

Source: PEP 508; pip's own requirements file format, whose options and paths are not taken.
"""

from __future__ import annotations

import re

from auditor.intake.inert.log import Log, shown

NAMED = re.compile(r"(requirements|constraints)[\w.-]*\.txt", re.I)
_VERSION = r"(?:===?|~=|!=|<=?|>=?)\s{0,4}[\w.*+!-]{1,60}"
_LINE = re.compile(
    r"\s*(#.*)?|\s*[A-Za-z0-9][\w.-]{0,100}\s{0,4}(\[[\w.,\s-]{0,200}\])?"
    rf"\s{{0,4}}\(?\s{{0,4}}({_VERSION}(\s{{0,4}},\s{{0,4}}{_VERSION}){{0,10}})?\s{{0,4}}\)?"
    r"\s*(;[\w\s.'\"<>=!()~-]{1,300})?(\s#.*|\s*)"
)


def look(text: str, base: str, log: Log) -> None:
    """The first line that is more than a package and its versions."""
    line = next((line for line in text.splitlines() if not _LINE.fullmatch(line)), None)
    if line is not None:
        what = f"{shown(base)!r} has a line that is no plain package: {shown(line.strip(), 60)!r}"
        log.add("not_audited", "text.packages", what, None, base)
