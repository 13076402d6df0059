"""Mutated inputs: a few in every run, many in the slow one, and every failure ever found."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutate import CORPUS, read, run

SHAPES = (
    b"", b"\x80\x04", b"\x80\x02", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x08\x08\x3a",
    b"\x1f\x8b", b"BZh9", b"\x78\x9c", b"(", b"c", b"{", b"\x10\0\0\0\0\0\0\0{",
)  # fmt: skip


@settings(max_examples=300, deadline=2000, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SHAPES), st.binary(max_size=400))
def test_any_bytes_are_answered(head: bytes, tail: bytes) -> None:
    assert read(head + tail) in (0, 1, 3, 4)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_earlier_failures_stay_repaired(path: Path) -> None:
    start = time.process_time()
    assert read(path.read_bytes()) in (0, 1, 3, 4)
    assert time.process_time() - start < 1.0


@pytest.mark.slow
def test_a_guided_run_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    script = Path(__file__).with_name("guided.py")
    command = [sys.executable, script, "-runs=5000", "-seed=1", tmp_path / "inputs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_many_mutated_inputs() -> None:
    told = run(100_000, seed=1)
    assert all(key.startswith("exit") for key in told), told
