"""The chained log: each manipulation is named, a crash loses at most the line being written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.core import chain
from auditor.core.errors import AuditorError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    for number, event in enumerate(("plan", "trial", "finding", "measured")):
        chain.append(path, event, f"t{number}", probe="a")
    return path


def test_what_was_written_is_read_back_in_order(log: Path) -> None:
    assert [event["event"] for event in chain.events(log)] == [
        "plan", "trial", "finding", "measured",
    ]  # fmt: skip
    assert chain.problems(log) == []
    assert chain.events(log.with_name("none")) == []


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], lines[3]]


def backdated(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"t1"', b'"t0"'), *lines[2:]]


TAMPERINGS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "removed": (lambda lines: [lines[0], *lines[2:]], "line 2 is numbered 2"),
    "added": (lambda lines: [lines[0], lines[0], *lines[1:]], "line 2 is numbered 0"),
    "moved": (swapped, "line 2 is numbered 2"),
    "backdated": (backdated, "line 3 does not follow"),
    "garbage": (lambda lines: [*lines[:3], b"{"], "line 4 is not JSON"),
    "list": (lambda lines: [b"[]", *lines[1:]], "line 1 is not an event"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_changed_log_is_named(log: Path, name: str) -> None:
    change, complaint = TAMPERINGS[name]
    log.write_bytes(b"\n".join(change(log.read_bytes().splitlines())) + b"\n")
    assert complaint in chain.problems(log)[0]
    with pytest.raises(AuditorError, match="was changed"):
        chain.events(log)


def test_a_line_cut_short_by_a_crash_is_dropped_and_the_chain_goes_on(log: Path) -> None:
    before = chain.head(log)
    with log.open("ab") as stream:
        stream.write(b'{"n":4,"event":"tri')
    assert chain.problems(log) == []
    assert chain.head(log) == before
    chain.append(log, "resumed", "t4")
    assert chain.events(log)[-1]["event"] == "resumed"
    assert json.loads(log.read_bytes().splitlines()[-1])["previous"] == before
