"""How long an audit is kept, what holds it longer, and how its files end.

Default: ten years, after Article 18(1) of Regulation (EU) 2024/1689, which counts from the day the
system was placed on the market or put into service. Holds, releases, extensions and disposals are
entries of the chain. A disposal removes files only: the entry with all digests stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from auditor.archive.entry import Entry
from auditor.core.errors import AuditorError

YEARS = 10
KINDS = ("hold", "release", "extension", "tombstone")


@dataclass(frozen=True)
class Keeping:
    """Where one audit stands.

    Args:
        until: last day of its retention (ISO date).
        holds: legal holds in force.
        disposed: number of the tombstone, None while the files are kept.
    """

    until: str
    holds: int = 0
    disposed: int | None = None

    def due(self, day: str) -> bool:
        """Whether the files may be removed on ``day``."""
        return self.disposed is None and not self.holds and self.until < day

    def after(self, entry: Entry) -> Keeping:
        """Where it stands after an entry about it; ValueError if that entry was not allowed."""
        return self.marked(entry.kind, entry.seq, str(entry.body.get("until", "")), entry.added)

    def marked(self, kind: str, seq: int, until: str, added: str) -> Keeping:
        """The same from the parts; ``added`` is the moment of the entry, empty to skip checks."""
        if self.disposed is not None:
            raise ValueError("its files had been disposed of before")
        if kind == "hold":
            return replace(self, holds=self.holds + 1)
        if kind == "release":
            if not self.holds:
                raise ValueError("there was no hold to release")
            return replace(self, holds=self.holds - 1)
        if kind == "extension":
            if until <= self.until:
                raise ValueError(f"it was to be kept until {self.until} already")
            return replace(self, until=until)
        if added and not self.due(added[:10]):
            raise ValueError(self.why_not())
        return replace(self, disposed=seq)

    def why_not(self) -> str:
        """Why the files may not be removed yet."""
        if self.holds:
            return f"it was under {self.holds} legal hold{'s' if self.holds > 1 else ''}"
        return f"its retention runs until {self.until}"


def until(start: str | None, years: int, today: date) -> str:
    """Last day of retention.

    >>> until("2024-02-29", 10, date(2026, 1, 1))
    '2034-03-01'

    Raises:
        AuditorError: ``start`` is no date.
    """
    day = parse_day(start) if start else today
    try:
        return day.replace(year=day.year + years).isoformat()
    except ValueError:  # 29 February, or beyond the calendar
        if day.year + years > date.max.year:
            raise AuditorError(f"{years} years is beyond the calendar.") from None
        return date(day.year + years, 3, 1).isoformat()


def parse_day(text: str) -> date:
    """A date such as 2027-03-31.

    Raises:
        AuditorError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise AuditorError(f"{text[:40]!r} is not a date.", "Write it as 2027-03-31.") from error
