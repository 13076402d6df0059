"""A file that changes while it is read: what was hashed may not be what was understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_forms import Digits, save_model

from auditor.core.scan import exit_code
from auditor.intake.inert import files
from auditor.intake.inert.files import read_part
from auditor.intake.inert.items import Item
from auditor.intake.inert.log import Log


def test_a_file_that_changes_while_it_is_read_is_not_audited(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    assert read_part(model.parent, model.name)[0].problems == ()
    real = files.inspect

    def changed(item: Item, log: Log) -> str:
        kind = real(item, log)
        data = bytearray(model.read_bytes())
        data[-1] ^= 1
        model.write_bytes(data)
        return kind

    monkeypatch.setattr(files, "inspect", changed)
    part, _ = read_part(model.parent, model.name)
    assert [problem.rule for problem in part.problems] == ["file.changed"]
    assert exit_code(part.problems) == 4
