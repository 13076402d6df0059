"""Processes that archive audits and are killed at it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from auditor.archive.entry import Entry
from auditor.archive.store import Archive

Open = Callable[[], Archive]


@dataclass(frozen=True)
class Adder:
    """A child process that adds audits one after the other and says so after each."""

    pid: int
    said: int

    def kill_after(self, seconds: float) -> None:
        """End it without warning."""
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGKILL)

    def acknowledged(self) -> list[str]:
        """Wait for its end; ``number hash`` of each audit that it said was safe."""
        with os.fdopen(self.said) as stream:
            lines = stream.read().split("\n")
        os.waitpid(self.pid, 0)
        return [line for line in lines[:-1] if line]


def start(opened: Open, audits: list[Path], prepare: Callable[[], None] = lambda: None) -> Adder:
    """A new process that adds ``audits``; its memory is a copy of this one's."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Adder(pid, reader)
    try:
        os.close(reader)
        prepare()
        archive = opened()
        for audit in audits:
            entry = archive.add(audit).entry
            os.write(writer, f"{entry.seq} {entry.hash}\n".encode())
    finally:
        os._exit(0)


def die_at(call: int) -> Callable[[], None]:
    """Makes the process kill itself before its n-th flush or rename."""

    def prepare() -> None:
        left = [call]

        def counted(function: Callable[..., object]) -> Callable[..., object]:
            def wrapped(*args: object, **kwargs: object) -> object:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*args, **kwargs)

            return wrapped

        os.fsync = counted(os.fsync)  # type: ignore[assignment]
        os.replace = counted(os.replace)  # type: ignore[assignment]
        Path.replace = counted(Path.replace)  # type: ignore[assignment, method-assign]

    return prepare


def kills(opened: Open, audits: list[Path], rounds: int, seed: int) -> list[str]:
    """Kill an adder at random moments, ``rounds`` times; everything that was acknowledged.

    The moments are spread over the time in which this machine, as busy as it is, adds two audits.
    """
    dice = random.Random(seed)
    began = time.monotonic()
    done = start(opened, audits[:2]).acknowledged()
    span = time.monotonic() - began
    for _ in range(rounds):
        adder = start(opened, audits[len(done) : len(done) + 20])
        adder.kill_after(dice.random() * span)
        done += adder.acknowledged()
    return done


def crowd(opened: Open, shares: list[list[Path]], dice: random.Random) -> list[str]:
    """Several adders at once, a third of them killed; everything that was acknowledged."""
    adders = [start(opened, share) for share in shares]
    for adder in dice.sample(adders, len(adders) // 3):
        adder.kill_after(dice.random() * 0.5)
    return [line for adder in adders for line in adder.acknowledged()]


def line(entry: Entry) -> str:
    """What an adder says of an entry."""
    return f"{entry.seq} {entry.hash}"
