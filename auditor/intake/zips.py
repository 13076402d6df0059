"""Zip containers of models for a loader: what two readers could see differently is refused.

Purpose: torch reads zips with another library than Python does; ``inert.ziplayout`` accounts for
every byte, and a loader gets an archive only if nothing was odd about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.core.errors import DeliveryError
from auditor.intake.inert.log import Budget, Damaged, OutOfBudget
from auditor.intake.inert.ziplayout import Layout, content, layout

MEMBER_LIMIT = 4 << 30
TEXT_LIMIT = 64 << 20


class Archive:
    """The members of a zip by name.

    Args:
        view: bytes of the archive.
        name: what to call it in errors.
    """

    def __init__(self, view: memoryview, found: Layout, name: str, budget: Budget) -> None:
        self.view, self.name, self.budget = view, name, budget
        self.members = {member.name: member for member in found.members}

    def read(self, member: str, limit: int = TEXT_LIMIT) -> bytes:
        """Bytes of one member.

        Raises:
            DeliveryError: larger than the limit, or damaged.
        """
        if self.members[member].size > limit:
            raise DeliveryError(f"The member {member!r:.80} of {self.name} is too large.")
        try:
            return bytes(content(self.view, self.members[member], self.budget))
        except (Damaged, OutOfBudget) as error:
            raise DeliveryError(
                f"In {self.name}, {error}.", "Ask the vendor to send it again."
            ) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a zip that nothing is odd about.

    Raises:
        DeliveryError: damaged, a bomb, or two readers could understand it differently.
    """
    budget = Budget.fresh(60.0)
    view = memoryview(path.read_bytes())
    try:
        found = layout(view, budget)
    except (Damaged, OutOfBudget) as error:
        raise DeliveryError(
            f"{path.name} cannot be used: {error}.", "Ask the vendor to send it again."
        ) from error
    if found.oddities:
        raise DeliveryError(f"{path.name} is no plain zip: {found.oddities[0][1]}.")
    yield Archive(view, found, path.name, budget)
