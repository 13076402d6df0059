"""What ``verify`` finds: problems, each named with its place, and notes that are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Names of the problems; scripts may rely on them."""

    SETTINGS = "settings"
    DATABASE = "database"
    GUARD = "guard-missing"
    FOREIGN = "foreign-object"
    MISSING_ENTRY = "missing-entry"
    CHANGED_ENTRY = "changed-entry"
    REORDERED = "reordered"
    BROKEN_LINK = "broken-link"
    OTHER_ARCHIVE = "other-archive"
    BACK_DATED = "back-dated"
    FUTURE = "future-dated"
    SIGNATURE = "forged-signature"
    UNSIGNED = "unsigned"
    HEAD = "head-differs"
    CUT_TAIL = "cut-tail"
    INDEX = "edited-index"
    MISSING_FILE = "missing-file"
    CHANGED_FILE = "changed-file"
    SWAPPED_FILE = "swapped-file"
    CONTRADICTION = "contradiction"
    RETENTION = "retention-broken"


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it was archived.

    Args:
        where: ``entry 17``, ``archive``, ...
        what: one sentence without the place.
    """

    kind: Kind
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


@dataclass
class Report:
    """The outcome of one verification.

    Args:
        entries: links of the chain that were read.
        files: files whose content was compared.
        disposed: audits whose files are gone as planned.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: int = 0
    files: int = 0
    disposed: int = 0

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def add(self, kind: Kind, where: str, what: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(kind, where, what))
