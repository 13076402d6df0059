"""Ctrl-C: exit code 130, no worker left behind, and the same command goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_audits import Parcel

LIMIT_S = 120.0


def command(parcel: Parcel, out: Path) -> list[str]:
    driver = (
        "import small_audits as short\n"
        "steps = short.short_steps()\n"
        "short.planning.steps = lambda profile: steps\n"
        "import auditor.writers.pdf\n"
        "auditor.writers.pdf.convert = lambda *_, **__: b'left out'\n"
        "short.cli(prog_name='auditor')\n"
    )
    return [sys.executable, "-c", driver, *parcel.arguments(out), "--json"]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def wait(reached: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not reached():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def as_on_a_terminal() -> None:
    """A shell that runs this in the background has its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def workers_of(pid: int) -> list[Path]:
    """Processes whose parent is ``pid``."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(stat.parent)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_interrupt_and_go_on(parcel: Parcel, tmp_path: Path) -> None:
    out = tmp_path / "out"
    findings = out / ".audit/findings"
    child = subprocess.Popen(
        command(parcel, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=ENVIRONMENT, preexec_fn=as_on_a_terminal,  # noqa: PLW1509
    )  # fmt: skip
    wait(lambda: len(list(findings.glob("*.json"))) >= 3, child)
    workers = workers_of(child.pid)
    assert workers
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 130
    assert stdout == ""
    assert "Interrupted." in stderr
    assert "the same command goes on from there" in stderr
    assert "Traceback" not in stderr
    assert not [worker for worker in workers if worker.exists()]
    assert not (out / "record.json").exists()

    kept = {path.name: path.stat().st_mtime_ns for path in findings.glob("*.json")}
    done = subprocess.run(
        command(parcel, out), capture_output=True, text=True, check=False, timeout=LIMIT_S,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode in (0, 1, 3, 4), done.stderr
    record = json.loads(done.stdout)
    assert json.loads((out / ".audit/plan.json").read_text())["sha256"] == record["plan_sha256"]
    assert {name: (findings / name).stat().st_mtime_ns for name in kept} == kept


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_an_interrupted_scan_leaves_nothing(tmp_path: Path) -> None:
    delivery, sarif = tmp_path / "delivery", tmp_path / "scan.sarif"
    delivery.mkdir()
    for number in range(2000):
        (delivery / f"{number}.npy").write_bytes(b"\x93NUMPY" + bytes(4000))
    child = subprocess.Popen(
        [sys.executable, "-m", "auditor", "scan", str(delivery), "--sarif", str(sarif)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=as_on_a_terminal,  # noqa: PLW1509
    )  # fmt: skip
    wait(lambda: bool(workers_of(child.pid)), child)
    workers = workers_of(child.pid)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=LIMIT_S)
    assert (child.returncode, stdout) == (130, "")
    assert "Interrupted." in stderr
    assert "the same command again to start over" in stderr
    assert "Traceback" not in stderr
    assert not [worker for worker in workers if worker.exists()]
    assert not sarif.exists()
