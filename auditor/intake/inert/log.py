"""The notebook of one inspected file: problems, tensors, metadata, and the budget that is left."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

from auditor.core.scan import EXITS, Level, Problem

SECONDS = 5.0
PROBLEMS = 100
METADATA = 100
DEPTH = 6
_RANKS: tuple[Level, ...] = tuple(EXITS)
UNPACKED = 512 << 20
HINTS: dict[Level, str] = {
    "danger": "It was not executed. Ask the vendor for safetensors or a plain state_dict.",
    "suspicious": "Ask the vendor why it is there.",
    "not_audited": "Ask the vendor for safetensors, a plain state_dict or ONNX.",
}

RULE_HINTS: dict[tuple[Level, str], str] = {
    ("not_audited", "onnx.operator"): "Ask the vendor for the model as it was trained, not "
    "quantised or fused for one runtime: safetensors, a plain state_dict or TorchScript.",
}
"""Where a level's hint would ask for what was just refused."""


class OutOfBudget(Exception):
    """The file needs more time, memory or depth than a scan gives it."""


class Damaged(Exception):
    """The bytes do not follow their format; the message says where."""


@dataclass
class Budget:
    """What all members of one file share."""

    until: float
    unpacked: int = UNPACKED

    @classmethod
    def fresh(cls, seconds: float = SECONDS) -> Budget:
        """A budget that starts now."""
        return cls(time.monotonic() + seconds)

    def check(self) -> None:
        """Raise `OutOfBudget` once the time is over."""
        if time.monotonic() > self.until:
            raise OutOfBudget("the time of the scan is over")

    def take(self, size: int) -> None:
        """Count bytes that decompression will need.

        Raises:
            OutOfBudget: more than the whole file may unpack to.
        """
        self.unpacked -= size
        if self.unpacked < 0:
            raise OutOfBudget(f"it unpacks to more than {UNPACKED >> 20} MiB")


@dataclass
class Shared:
    """What the log of a member shares with the log of its file."""

    problems: list[Problem] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)
    architecture: str = ""
    signed: dict[str, str] = field(default_factory=dict)
    claims: set[str] = field(default_factory=set)
    known: set[tuple[str, str, str]] = field(default_factory=set)
    worst: int = 3


@dataclass(frozen=True)
class Log:
    """Where readers write; ``member`` gives the log of something inside."""

    part: str
    budget: Budget
    shared: Shared = field(default_factory=Shared)
    depth: int = 0

    def member(self, name: str) -> Log:
        """The log of a member, one level deeper.

        Raises:
            OutOfBudget: archives in archives, too many times.
        """
        if self.depth >= DEPTH:
            raise OutOfBudget(f"it is nested more than {DEPTH} levels deep")
        return replace(self, part=f"{self.part}!{shown(name)}", depth=self.depth + 1)

    def add(
        self, level: Level, rule: str, what: str, offset: int | None = None, name: str = ""
    ) -> None:
        """Write one problem; the same one is written once, and no more than a hundred."""
        found = self.shared
        key = (self.part, rule, name or f"{what[:100]} {offset}")
        if key in found.known or not self._room(level):
            return
        where = "" if offset is None else f" (byte {offset})"
        message = f"{self.part}: {shown(what, 400)}{where}."
        problem = Problem(
            level=level,
            rule=rule,
            message=message[:2000],
            part=self.part[:2000],
            offset=offset,
            name=shown(name, 200),
            hint=RULE_HINTS.get((level, rule), HINTS[level]),
        )
        found.known.add(key)
        self._keep(problem)

    def take(self, problem: Problem) -> None:
        """Keep a problem that another log found, if there is room for it."""
        if self._room(problem.level):
            self._keep(problem)

    def _room(self, level: Level) -> bool:
        """There are fewer than a hundred, or none was as bad."""
        found = self.shared
        return len(found.problems) < PROBLEMS or _RANKS.index(level) < found.worst

    def _keep(self, problem: Problem) -> None:
        found = self.shared
        found.problems[:] = [*found.problems[: PROBLEMS - 1], problem]
        found.worst = min(found.worst, _RANKS.index(problem.level))

    def tell(self, key: str, value: object) -> None:
        """Keep a piece of metadata."""
        if len(self.shared.metadata) < METADATA:
            self.shared.metadata[shown(key, 80)] = shown(str(value), 400)

    def __len__(self) -> int:
        """How many problems there are."""
        return len(self.shared.problems)


def shown(text: object, most: int = 120) -> str:
    """A vendor's text, short, on one line and printable.

    >>> shown("a\\x1b[31m\\nb")
    'a?[31m?b'
    """
    plain = "".join(c if c.isprintable() else "?" for c in str(text)[: most + 1])
    return plain if len(plain) <= most else plain[: most - 1] + "…"
