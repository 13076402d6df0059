"""Exit codes are fixed: other people's scripts read them."""

from __future__ import annotations

from auditor.core.errors import AuditorError, DeliveryError, ExitCode, ToolError


def test_exit_codes() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "ACCEPT": 0, "REJECT": 1, "USAGE": 2, "ACCEPT_WITH_CONDITIONS": 3, "INCONCLUSIVE": 4,
        "TOOL_ERROR": 5, "INTERRUPTED": 130,
    }  # fmt: skip
    assert AuditorError("x").exit_code is ExitCode.USAGE
    assert ToolError("x").exit_code is ExitCode.TOOL_ERROR


def test_an_error_is_its_sentence_and_its_hint() -> None:
    assert str(AuditorError("It is wrong.", "Mend it.")) == "It is wrong. Mend it."
    assert str(AuditorError("It is wrong.")) == "It is wrong."
    assert DeliveryError("x").kind == "unreadable"
