"""Errors that are answers: what is wrong in one sentence, what to do next in another.

Exit codes are fixed because other people's scripts read them.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes of every command that ends in a gate decision."""

    ACCEPT = 0
    REJECT = 1
    USAGE = 2
    ACCEPT_WITH_CONDITIONS = 3
    INCONCLUSIVE = 4
    TOOL_ERROR = 5
    INTERRUPTED = 130


class AuditorError(Exception):
    """The audit cannot go on because of what its user supplied.

    Args:
        message: one sentence that names the thing and what is wrong with it.
        hint: what to do next.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class DeliveryError(AuditorError):
    """The vendor's delivery is broken or hostile: a finding with an adverse opinion, not a crash.

    Args:
        kind: ``unreadable`` (damaged or not what it says), ``dangerous`` (would run code) or
            ``unsupported`` (nothing wrong was seen, but a part could not be audited).
    """

    def __init__(self, message: str, hint: str = "", kind: str = "unreadable") -> None:
        super().__init__(message, hint)
        self.kind = kind


class ToolError(AuditorError):
    """The tool itself failed; nothing is concluded about the model."""

    exit_code = ExitCode.TOOL_ERROR
