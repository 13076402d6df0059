"""Name -> thing, with a helpful answer to a name that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Generic, TypeVar

from auditor.core.errors import AuditorError

T = TypeVar("T")


class Registry(Generic[T]):
    """An ordered dictionary that refuses duplicates and explains misses.

    >>> shapes: Registry[int] = Registry("shape")
    >>> shapes.add("square", 4)
    4
    >>> shapes["sqare"]
    Traceback (most recent call last):
    ...
    auditor.core.errors.AuditorError: Unknown shape 'sqare'. Did you mean square? Known: square.
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        """Register ``thing``; a second one of the same name is a programming error."""
        if name in self._things:
            raise ValueError(f"{self.noun} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def __getitem__(self, name: str) -> T:
        if name not in self._things:
            near = difflib.get_close_matches(name, self._things, n=1)
            guess = f"Did you mean {near[0]}? " if near else ""
            raise AuditorError(
                f"Unknown {self.noun} {name!r}.", f"{guess}Known: {', '.join(self._things)}."
            )
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __len__(self) -> int:
        return len(self._things)
