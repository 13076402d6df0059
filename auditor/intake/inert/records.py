"""Members of torch's zips that hold a version, an order of bytes or an identifier.

Purpose: torch reads some of them and copies others; what is not of the form that it writes was not
understood, and is looked at as a file of its own.
Source: the archives of torch 1.13 to 2.13, in the tests.
"""

from __future__ import annotations

import re

from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.torch_files import Inner
from auditor.intake.inert.ziplayout import Layout, content

SHORT = 64
_RECORD = re.compile(
    r"version|byteorder|\.data/\w+|\.format_version|\.storage_alignment|archive_(format|version)"
)


def look(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    """Members that hold a version or an identifier; more in them is looked at on its own."""
    for member in found.members:
        record = member.name.partition("/")[2]
        if not _RECORD.fullmatch(record):
            continue
        data = content(view, member, log.budget)
        form = next(
            (form for name, form in _FORMS.items() if record.endswith(name)), rb"[\w.-]*\s*"
        )
        if member.size > SHORT or not re.fullmatch(form, bytes(data)):
            what = f"the record {shown(member.name)} holds {shown(bytes(data[:40]), 60)}"
            log.add("suspicious", "zip.member", what, member.start, member.name)
            inner(data, member.name, log)


_FORMS = {
    "archive_version": rb"\d{1,3}\s*", ".data/version": rb"\d{1,2}\s*",
    ".format_version": rb"1", "version": rb"(\d|1\d)\s*",
    "byteorder": rb"little|big", ".storage_alignment": rb"\d{1,6}",
    "archive_format": rb"\w{1,20}\s*", "serialization_id": rb"\d{0,60}",
}  # fmt: skip
"""What torch writes into each; versions above 19 are not known."""
