"""Provenance manifests: what they vouch for, what is doubted, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.intake.data import load_clean
from auditor.intake.provenance import SCHEMA, digest_rows, verified
from auditor.intake.raw import RawSet

GOOD = {"source": "station 4", "time": "2026-03-01T12:00:00Z", "transformation": ""}


@pytest.fixture
def rows(tmp_path: Path) -> tuple[Path, RawSet]:
    path = tmp_path / "train.npz"
    x = np.random.default_rng(0).random((40, 5)).astype(np.float32)
    np.savez(path, x=x, y=np.arange(40) % 2)
    return path, load_clean(path)


def manifest(folder: Path, **lists: list[dict[str, Any]]) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps({"schema": SCHEMA, **lists}), "utf-8")
    return path


def entry(raw: RawSet, first: int, last: int, **other: Any) -> dict[str, Any]:
    return {**GOOD, "first": first, "last": last, "sha256": digest_rows(raw, first, last), **other}


def test_a_whole_file_is_verified_by_its_digest(rows: tuple[Path, RawSet]) -> None:
    path, raw = rows
    told = {**GOOD, "path": "train.npz", "sha256": digest_file(path)}
    assert not len(verified(manifest(path.parent, files=[told]), path, raw).unverified)
    other = {**told, "sha256": "0" * 64}
    found = verified(manifest(path.parent, files=[other]), path, raw)
    assert found.unverified.tolist() == list(range(40))
    assert "digest differs" in found.doubts[0]


def test_missing_and_further_rows_and_unknown_transformations_are_doubted(
    rows: tuple[Path, RawSet],
) -> None:
    path, raw = rows

    def doubted(*entries: dict[str, Any]) -> tuple[list[int], str]:
        found = verified(manifest(path.parent, rows=list(entries)), path, raw)
        return found.unverified.tolist(), " ".join(found.doubts)  # type: ignore[union-attr]

    hole = doubted(entry(raw, 0, 19), entry(raw, 21, 39))
    assert hole[0] == [20]
    assert "1 row occurs in no entry" in hole[1]
    beyond = doubted(entry(raw, 0, 39), {**entry(raw, 0, 0), "first": 40, "last": 40})
    assert beyond[0] == []
    assert "rows 40 to 40: not among the data" in beyond[1]
    unknown = doubted(entry(raw, 0, 9, transformation="Unknown"), entry(raw, 10, 39))
    assert unknown[0] == list(range(10))
    assert "nobody knows" in unknown[1]
    done = doubted(entry(raw, 0, 39, transformation="scaled to [0, 1]"))
    assert done == ([], "")


def test_rows_that_changed_or_that_nobody_vouches_for_are_unverified(
    rows: tuple[Path, RawSet],
) -> None:
    path, raw = rows
    told = [entry(raw, 0, 9), entry(raw, 10, 19), entry(raw, 20, 24, source=" ")]
    raw.x[12, 0] += 1e-3
    found = verified(manifest(path.parent, rows=told), path, raw)
    assert found.unverified.tolist() == list(range(10, 40))
    assert len(found.doubts) == 3
    assert "15 rows occur in no entry" in found.doubts[2]


def test_pictures_are_verified_one_by_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for label in "01":
        (data / label).mkdir(parents=True)
        for i in range(12):
            values = np.full((4, 4), 20 * i + int(label), np.uint8)
            Image.fromarray(values).save(data / label / f"{i:02}.png")
    files = sorted(data.rglob("*.png"))
    told = [
        {**GOOD, "path": f.relative_to(data).as_posix(), "sha256": digest_file(f)} for f in files
    ]
    raw = load_clean(data)
    assert not len(verified(manifest(tmp_path, files=told), data, raw).unverified)
    files[5].write_bytes(files[6].read_bytes())
    assert verified(manifest(tmp_path, files=told), data, raw).unverified.tolist() == [5]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema": "other"}', f'{{"schema": "{SCHEMA}", "rows": [1]}}']
)
def test_what_is_no_manifest_is_refused_in_one_sentence(
    rows: tuple[Path, RawSet], text: str
) -> None:
    path = rows[0].parent / "manifest.json"
    path.write_text(text, "utf-8")
    with pytest.raises(AuditorError, match="manifest"):
        verified(path, *rows)


@pytest.mark.parametrize(
    "wrong",
    [{"first": -1}, {"last": 99}, {"first": "0"}, {"first": True}, {"time": "yesterday"},
     {"time": 3}, {"sha256": None}, {"path": "../train.npz"}, {"path": "/etc/passwd"}],
)  # fmt: skip
def test_hostile_entries_vouch_for_nothing(
    rows: tuple[Path, RawSet], wrong: dict[str, Any]
) -> None:
    path, raw = rows
    found = verified(manifest(path.parent, rows=[entry(raw, 0, 39) | wrong]), path, raw)
    assert len(found.unverified) == 40
