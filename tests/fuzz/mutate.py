"""A mutational fuzzer for the inert readers: no exception may leave them, and none may take 1 s.

    python tests/fuzz/mutate.py --count 1000000 --seed 0

Seeds are the small files of ``tests/hostile`` and whatever lies in ``tests/fuzz/corpus``; an input
that fails is written there, so that the ordinary tests read it again.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from auditor.core.scan import exit_code
from auditor.intake.inert.inspect import inspect
from auditor.intake.inert.items import Item
from auditor.intake.inert.log import Budget, Log

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
LONGEST = 3000
GRAPHS = (".ts", ".pt2", ".onnx")
"""Slow to make; the hostile samples have their own."""
SLOW_S = 1.0
ARCHIVES = 0.02
"""So many inputs are whole programs with a change inside, which a broken checksum does not stop."""
WORDS = (
    b"R", b"b", b"\x93", b"\x81", b"o", b"c", b"(", b"t", b"0", b"2", b"q\x00", b"h\x00", b"Q",
    b".", b"\x80\x04", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY", b"\xff" * 4,
    b"\x00" * 8, b"\x7f\xff\xff\xff", b"{", b'"shape":[', b"-1", b"\x8a\x08", b"\x0a\x00",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Small files of every format, honest and hostile."""
    sys.path.insert(0, str(HERE.parent / "hostile"))
    import second_carriers
    import third_carriers
    import third_files
    from benign import corpus
    from carriers import CARRIERS

    assert second_carriers.SECOND
    assert third_carriers.THIRD
    assert third_files.THIRD_FILES

    made = (make() for name, make in corpus()[0].items() if not name.endswith(GRAPHS))
    found = [data for data in made if len(data) <= LONGEST]
    found += [make().data for make in CARRIERS.values() if len(make().data) <= LONGEST]
    return found + [path.read_bytes() for path in sorted(CORPUS.glob("*"))]


def programs() -> list[dict[str, bytes]]:
    """Members of small programs."""
    from carriers import program, script

    return [script(), program()]


def mutated(rng: random.Random, pool: list[bytes]) -> bytes:
    """One input: a seed with one to eight changes."""
    data = bytearray(rng.choice(pool))
    for _ in range(rng.randint(1, 8)):
        rng.choice(_CHANGES)(rng, data, pool)
    return bytes(data[: 2 * LONGEST])


def archived(rng: random.Random, archives: list[dict[str, bytes]]) -> bytes:
    """A program whose code or graph is changed inside a whole archive."""
    from carriers import zipped

    members = dict(rng.choice(archives))
    texts = [name for name in members if name.endswith((".py", "model.json", "config.json"))]
    name = rng.choice(texts if rng.random() < 0.9 else list(members))
    data = bytearray(members[name])
    for _ in range(rng.randint(1, 3)):
        rng.choice(_CHANGES)(rng, data, [*members.values()])
    return zipped(members | {name: bytes(data)})


def _flip(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _byte(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def _word(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    at = rng.randint(0, len(data))
    data[at : at + rng.choice((0, 1, 4))] = rng.choice(WORDS)


def _cut(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    at = rng.randint(0, len(data))
    del data[at : at + rng.choice((1, 2, 8, 64, len(data)))]


def _again(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    at, length = rng.randint(0, len(data)), rng.choice((1, 4, 16, 100))
    data[at:at] = data[at : at + length] * rng.choice((1, 2, 10))


def _splice(rng: random.Random, data: bytearray, pool: list[bytes]) -> None:
    other = rng.choice(pool)
    at, start = rng.randint(0, len(data)), rng.randint(0, len(other))
    data[at:] = other[start:]


_CHANGES: tuple[Callable[[random.Random, bytearray, list[bytes]], None], ...] = (
    _flip, _flip, _byte, _byte, _word, _word, _cut, _again, _splice,
)  # fmt: skip


def read(data: bytes) -> int:
    """Exit code of one input; any exception is the caller's to report."""
    log = Log("input", Budget.fresh())
    inspect(Item(memoryview(data), "input"), log)
    return exit_code(log.shared.problems)


def run(count: int, seed: int) -> Counter[str]:
    """Read ``count`` inputs; failures are kept in the corpus and counted."""
    rng, pool = random.Random(seed), seeds()
    archives = programs()
    told: Counter[str] = Counter()
    start = time.monotonic()
    for number in range(count):
        data = archived(rng, archives) if rng.random() < ARCHIVES else mutated(rng, pool)
        before = time.process_time()
        try:
            told[f"exit {read(data)}"] += 1
        except Exception as error:
            told[f"uncaught {type(error).__name__}"] += 1
            keep(data)
        took = time.process_time() - before
        if took > SLOW_S:
            told["slow"] += 1
            keep(data)
        if number % 20_000 == 0:
            print(number, round(time.monotonic() - start), dict(told), flush=True)  # noqa: T201
    return told


def keep(data: bytes) -> None:
    """Write a failing input where the ordinary tests read it again."""
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    result = run(options.count, options.seed)
    print(dict(result))  # noqa: T201
    sys.exit(any(not key.startswith("exit") for key in result))
