"""Opcodes of a pickle that reach out of it: registries, persistent ids, buffers, frames.

Limits: as `machine`, whose base this is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.intake.inert.calls import no_persistent
from auditor.intake.inert.log import Damaged
from auditor.intake.inert.stack import Stack
from auditor.intake.inert.values import Array, Made, Unknown

Persistent = Callable[[object], object]


@dataclass
class Streams(Stack):
    """Opcodes that ask the loader for something.

    Args:
        persistent: what a persistent id stands for.
        frame_end: where the frame ends behind which joblib would look for an array.
        protocol: as the pickle says.
    """

    persistent: Persistent = no_persistent
    frame_end: int = field(default=0, kw_only=True)
    protocol: int = field(default=0, kw_only=True)

    def extension(self, argument: object, at: int) -> None:
        """EXT1, EXT2, EXT4: names that only the loader's own registry knows."""
        what = f"the pickle calls entry {argument} of the extension registry"
        self.log.add("danger", "pickle.extension", what, at, "EXT")
        self._stack.append(Made("EXT"))

    def persid(self, argument: object, at: int) -> None:
        """PERSID and BINPERSID."""
        pid = argument if argument is not None else self._stack.pop()
        try:
            self._stack.append(self.persistent(pid))
        except (Unknown, Damaged) as error:
            self.log.add("not_audited", "pickle.persistent", str(error), at, "PERSID")
            self._stack.append(Made("PERSID"))

    def readonly(self, argument: object, at: int) -> None:
        """READONLY_BUFFER: only what is a buffer can be made one that is not written."""
        if not isinstance(self._stack[-1], bytes | Array | Made):
            raise Unknown("READONLY_BUFFER on what is no buffer")

    def frame(self, argument: object, at: int) -> None:
        """FRAME: opcodes up to there are read ahead, arrays are not among them."""
        self.frame_end = self.position + argument if isinstance(argument, int) else 0

    def proto(self, argument: object, at: int) -> None:
        """PROTO."""
        self.protocol = argument if isinstance(argument, int) else 0

    def out_of_band(self, argument: object, at: int) -> None:
        """NEXT_BUFFER: bytes that are not in the file."""
        raise Unknown("bytes outside the file (NEXT_BUFFER)")
