"""What the main process learns of a delivery and a card without opening anything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from model_forms import FORMS, Digits, plain_name, save_model

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.intake.card import hints, read_card
from auditor.intake.delivery import model_file, receive, sniff, unchanged
from auditor.intake.digests import digest_data

CARD = """
[model]
arch = "small_cnn"
shape = [1, 8, 8]
classes = 10
[preprocessing]
range = [0, 255]
mean = 0.5
std = [0.25]
[declared]
accuracy = 0.9
[truth]
backdoored = true
"""


@pytest.mark.parametrize("form", FORMS)
def test_formats_are_told_by_content(form: str, digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, form, digits.x)
    delivery = receive(model)
    assert delivery.format == plain_name(form)
    assert delivery.sha256 == digest_file(model)
    assert delivery.bytes == model.stat().st_size


def test_a_folder_is_one_delivery_without_its_clean_set(digits: Digits, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    model = save_model(digits.network, folder, "safetensors", digits.x)
    (folder / "card.toml").write_text(CARD)
    before = receive(folder)
    digits.save_clean(folder / "clean.npz")
    after = receive(folder)
    assert before == after
    assert model_file(folder) == model
    assert [file.path for file in after.files] == ["card.toml", "safetensors.model"]
    (folder / "card.toml").write_text(CARD.replace("0.9", "0.8"))
    assert receive(folder).sha256 != after.sha256


def test_the_known_truth_stays_out(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(CARD)
    card = read_card(tmp_path / "card.toml")
    assert set(card) == {"model", "preprocessing", "declared"}
    assert card["declared"] == {"accuracy": 0.9}


def test_options_win_over_the_card(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(CARD)
    known = hints(read_card(tmp_path / "card.toml"), SpecHints(classes=4, std=(2.0,)))
    assert (known.classes, known.std, known.low, known.high) == (4, (2.0,), (0.0,), (255.0,))
    assert known.sources["classes"] == known.sources["std"] == "option"
    assert known.sources["low"] == known.sources["mean"] == "card"
    assert known.arch == "small_cnn"


def test_the_digest_of_a_folder_covers_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = digest_data(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    second = digest_data(tmp_path)
    (tmp_path / "b").write_text("2")
    assert len({first, second, digest_data(tmp_path)}) == 3


def test_the_main_process_needs_no_torch() -> None:
    code = (
        "import sys, auditor.intake.delivery, auditor.intake.card, auditor.intake.data;"
        "sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def nested(folder: Path, depth: int) -> None:
    """Folders in folders, made from inside: the whole path may be longer than a call allows."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("a", dir_fd=here)
        inner = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


HOSTILE_CARDS = {
    "a key of many parts": "[declared]\n" + ".".join(["a"] * 60_000) + " = 1",
    "a quoted key of many parts": "[[" + ".".join(["'a'"] * 60_000) + "]]",
    "a number of many digits": "[declared]\naccuracy = " + "9" * 200_000,
    "lists in lists": "x = " + "[" * 100_000,
    "tables in tables": "x = " + "{a = " * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE_CARDS)
def test_a_hostile_card_is_refused_before_it_costs_anything(name: str, tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(HOSTILE_CARDS[name])
    start = time.process_time()
    with pytest.raises(AuditorError, match=r"card\.toml"):
        read_card(tmp_path / "card.toml")
    assert time.process_time() - start < 2


def test_folders_in_folders_end_in_a_sentence(tmp_path: Path) -> None:
    nested(tmp_path, 1200)
    with pytest.raises(AuditorError, match="folders deep"):
        receive(tmp_path)
    subprocess.run(["rm", "-r", tmp_path / "a"], check=True)  # pytest's own way is recursive


def test_a_zip_of_very_many_members_is_not_listed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as archive:
        for number in range(50_001):
            archive.writestr(f"{number}", b"")
    assert sniff(tmp_path / "model.pt") == "unknown"


def test_a_card_cannot_choose_code(tmp_path: Path) -> None:
    """A factory is imported from the auditor's folder; a vendor may not name one."""
    for name in ("os:abort", "evil:make", "../x", "a b"):
        (tmp_path / "card.toml").write_text(f'[model]\narch = "{name}"\n')
        with pytest.raises(AuditorError, match="no name of an architecture") as caught:
            read_card(tmp_path / "card.toml")
        assert "--arch" in str(caught.value.hint)


def test_an_absurd_size_is_refused_before_it_is_hashed(tmp_path: Path) -> None:
    with (tmp_path / "m.safetensors").open("wb") as made:
        made.write((2).to_bytes(8, "little") + b"{}")
        made.truncate(1 << 40)
    start = time.monotonic()
    with pytest.raises(AuditorError, match="1024 GiB, more than 64 GiB"):
        receive(tmp_path / "m.safetensors")
    assert time.monotonic() - start < 5


def test_a_delivery_that_changes_is_noticed(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    before = receive(model)
    unchanged(model, before)
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(AuditorError, match="changed while it was audited"):
        unchanged(model, before)

    def hashed(path: Path) -> str:
        path.write_bytes(path.read_bytes() + b"x")
        return "0" * 64

    monkeypatch.setattr("auditor.intake.delivery.digest_file", hashed)
    with pytest.raises(AuditorError, match="changed while it was hashed"):
        receive(model)
