"""The bundled samples are small, readable, and say nothing about the machine that made them."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from auditor.core.spec import SpecHints
from auditor.intake.card import hints
from auditor.intake.delivery import model_file, receive
from auditor.intake.load import open_delivery

SAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "sample_models").glob(
    "*/card.toml"))  # fmt: skip
HOME = re.compile(rb"/(?:home|root|work|tmp|Users)/")


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_opens_with_the_accuracy_of_its_card(folder: Path) -> None:
    delivery = receive(folder)
    (clean,) = folder.glob("clean*")
    known = hints(delivery.card, SpecHints())
    opened = open_delivery(model_file(folder), delivery.format, known, clean)
    truth = tomllib.loads((folder / "card.toml").read_text("utf-8"))["truth"]
    right = opened.subject.predict(opened.clean.x) == opened.clean.y
    assert float(right.double().mean()) == pytest.approx(truth["clean_accuracy"], abs=0.05)
    assert "truth" not in delivery.card


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_weights_are_small_and_name_no_folder_of_their_trainer(folder: Path) -> None:
    model = model_file(folder)
    assert model.stat().st_size < 2 << 20
    contents = [model.read_bytes()]
    if zipfile.is_zipfile(model):
        with zipfile.ZipFile(model) as archive:
            contents = [archive.read(name) for name in archive.namelist()]
    assert not any(HOME.search(content) for content in contents)


def test_there_are_three_formats_and_each_kind() -> None:
    assert len({receive(folder).format for folder in SAMPLES}) >= 3
    cards = [tomllib.loads((folder / "card.toml").read_text("utf-8")) for folder in SAMPLES]
    assert {card["truth"]["kind"] for card in cards} == {"clean", "backdoor", "label_flips"}
