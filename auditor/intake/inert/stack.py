"""The stack of a pickle machine: marks, memo and containers, without names and calls.

Purpose: every opcode that only moves values or fills a list, a tuple or a dictionary.
Limits: what a real unpickler would refuse is `IndexError` or `TypeError`, which the machine turns
into `Damaged`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.intake.inert import names
from auditor.intake.inert.log import Damaged, Log
from auditor.intake.inert.plain_values import hashable
from auditor.intake.inert.values import Made, Pairs

LAUGHS = 10_000_000
FAR = 1 << 20
"""A place in the memo that no pickle reaches with fewer operations."""


@dataclass
class Stack:
    """Values, marks and memo of one run."""

    view: memoryview
    log: Log
    position: int = field(default=0, kw_only=True)
    _stack: list[object] = field(default_factory=list, kw_only=True)
    _marks: list[list[object]] = field(default_factory=list, kw_only=True)
    _memo: dict[int, object] = field(default_factory=dict, kw_only=True)
    _sizes: dict[int, tuple[object, int]] = field(default_factory=dict, kw_only=True)
    steps: int = field(default=0, kw_only=True)

    def _renew(self) -> None:
        """Every pickle of a stream begins with an empty memo."""
        self._stack, self._marks, self._memo = [], [], {}
        self._sizes.clear()

    def _pop(self, at: int) -> object:
        if not self._stack:
            raise Damaged(f"the stack is empty at byte {at}")
        return self._stack.pop()

    def _pop_mark(self) -> list[object]:
        items, self._stack = self._stack, self._marks.pop()
        return items

    def mark(self, argument: object, at: int) -> None:
        """MARK."""
        self._marks.append(self._stack)
        self._stack = []

    def pop(self, argument: object, at: int) -> None:
        """POP, which also takes a mark off an empty stack."""
        if self._stack:
            self._stack.pop()
        else:
            self._pop_mark()

    def pop_mark(self, argument: object, at: int) -> None:
        """POP_MARK."""
        self._pop_mark()

    def dup(self, argument: object, at: int) -> None:
        """DUP."""
        self._stack.append(self._stack[-1])

    def put(self, argument: object, at: int) -> None:
        """PUT, BINPUT, LONG_BINPUT."""
        if not isinstance(argument, int) or argument < 0:
            raise Damaged(f"a negative memo index at byte {at}")
        if argument > max(FAR, 2 * self.steps):
            what = f"it puts a value into place {argument} of the memo, which loaders allocate"
            self.log.add("suspicious", "pickle.memo", what, at, "memo")
        self._memo[argument] = self._stack[-1]

    def memoize(self, argument: object, at: int) -> None:
        """MEMOIZE."""
        self._memo[len(self._memo)] = self._stack[-1]

    def get(self, argument: object, at: int) -> None:
        """GET, BINGET, LONG_BINGET."""
        if not isinstance(argument, int) or argument not in self._memo:
            raise Damaged(f"the memo has no entry {argument} at byte {at}")
        self._stack.append(self._memo[argument])

    def tuple_of(self, argument: object, at: int) -> None:
        """TUPLE."""
        self._push_tuple(tuple(self._pop_mark()))

    def _push_tuple(self, items: tuple[object, ...]) -> None:
        """Count what a tuple of tuples would be if it were written out."""
        inner = [self._sizes[id(item)][1] for item in items if id(item) in self._sizes]
        size = len(items) + sum(inner)
        if inner or len(items) > 1:
            self._sizes[id(items)] = (items, min(size, LAUGHS + 1))
        if size > LAUGHS:
            what = f"tuples in tuples that expand to more than {LAUGHS} values"
            self.log.add("suspicious", "pickle.expands", what, self.position, "TUPLE")
        self._stack.append(items)

    def list_of(self, argument: object, at: int) -> None:
        """LIST."""
        items = self._pop_mark()
        self._stack.append(items)

    def frozen(self, argument: object, at: int) -> None:
        """FROZENSET."""
        self._stack.append(self.hashed(self._pop_mark()))

    def hashed(self, items: list[object]) -> list[object]:
        """Keys, or entries of a set; one that has no hash stops a loader."""
        if not all(map(hashable, items)):
            what = "a key or an entry of a set that no loader takes"
            self.log.add("not_audited", "pickle.unknown", what, self.position, "hash")
        return items

    def dict_of(self, argument: object, at: int) -> None:
        """DICT."""
        items = self._pop_mark()
        self.hashed(items[::2])
        self._stack.append(Pairs(list(zip(items[::2], items[1::2], strict=True))))

    def last(self, count: int) -> None:
        """TUPLE1 to TUPLE3."""
        if len(self._stack) < count:
            raise IndexError
        items = tuple(self._stack[-count:])
        del self._stack[-count:]
        self._push_tuple(items)

    def extend(self, items: list[object]) -> None:
        """APPEND, APPENDS, ADDITEMS."""
        target = self._stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif isinstance(target, Made) and names.kind(target.name) != "plain":
            target.extra.extend(items)
        else:
            self._odd("APPENDS", target)

    def fill(self, items: list[object]) -> None:
        """SETITEM, SETITEMS."""
        target = self._stack[-1]
        self.hashed(items[::2])
        pairs = list(zip(items[::2], items[1::2], strict=True))
        if isinstance(target, Pairs):
            target.items.extend(pairs)
        elif isinstance(target, Made) and names.kind(target.name) != "plain":
            target.extra.extend(pairs)
        else:
            self._odd("SETITEMS", target)

    def _odd(self, opcode: str, target: object) -> None:
        what = f"{opcode} on a {type(target).__name__}, which no loader of weights needs"
        self.log.add("not_audited", "pickle.unknown", what, self.position, opcode)
