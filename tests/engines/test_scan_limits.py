"""The limits that hold a scan of any file below ten seconds and 1 GiB."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from auditor.core.scan import exit_code
from auditor.engines import scanning
from auditor.intake import scanner
from auditor.intake.inert import log


def test_a_reader_may_use_less_than_a_gibibyte_and_write_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(scanner.resource, "setrlimit", seen.__setitem__)
    scanner.limit(largest=1000)
    assert seen[resource.RLIMIT_DATA][1] < 1 << 30
    assert seen[resource.RLIMIT_AS][1] <= (1 << 30) + 2000
    assert seen[resource.RLIMIT_FSIZE] == seen[resource.RLIMIT_CORE] == (0, 0)
    assert seen[resource.RLIMIT_NOFILE][1] <= 64


def test_a_reader_gives_up_before_it_is_stopped_and_that_before_ten_seconds() -> None:
    assert log.SECONDS + 1 <= scanning.SECONDS <= 9.5
    assert log.Budget.fresh().until - log.Budget.fresh(0).until == pytest.approx(log.SECONDS, 0.1)


@pytest.mark.parametrize(
    ("line", "rule"), [(TimeoutError, "budget.time"), (EOFError, "budget.memory")]
)
def test_a_reader_without_an_answer_leaves_a_part_that_is_not_audited(
    line: type[Exception], rule: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def none(self: scanning._Child) -> bytes:
        raise line

    monkeypatch.setattr(scanning._Child, "_line", none)
    monkeypatch.setattr(scanning._Child, "__post_init__", lambda self: None)
    monkeypatch.setattr(scanning._Child, "_obituary", lambda self: "SIGKILL")
    part = scanning._Child(tmp_path, ["a"]).answer("a")
    assert [problem.rule for problem in part.problems] == [rule]
    assert exit_code(part.problems) == 4
