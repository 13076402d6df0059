"""Bad input through the real command line.

Each entry is one mistake or one attack: a clear sentence and exit code 2, or for a broken or
hostile delivery an adverse report and exit code 1, for one that cannot be read an inconclusive one
and exit code 4. Never a traceback, never another exit code.
"""

from __future__ import annotations

import os
import pickle  # noqa: TID251  to write what must not be read
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from model_forms import Digits, save_model
from small_audits import Parcel, run

from auditor.writers.record_json import read

pytestmark = pytest.mark.usefixtures("brief", "without_pdf")


@dataclass(frozen=True)
class Bench:
    """A good delivery to spoil: model, clean set and output folder."""

    tiny: Digits
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def model(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def clean(self) -> Path:
        return self.folder / "clean.npz"

    @property
    def out(self) -> Path:
        return self.folder.parent / "out"

    def audit(self, *options: str, model: Path | None = None) -> list[str]:
        """Arguments of an audit that would work without ``options``."""
        parcel = Parcel(model or self.model, self.clean, "small_cnn")
        return [*parcel.arguments(self.out), *options]

    def rewrite(self, content: bytes) -> list[str]:
        """An audit of a model file with other bytes."""
        self.model.write_bytes(content)
        return self.audit()

    def clean_arrays(self, **changes: object) -> list[str]:
        """An audit with a spoilt clean set."""
        arrays: dict[str, object] = {"x": self.tiny.pixels, "y": self.tiny.y.numpy(), **changes}
        given = {key: value for key, value in arrays.items() if value is not None}
        np.savez(self.clean, **given)  # type: ignore[arg-type]
        return self.audit()

    def file(self, name: str, text: str) -> str:
        """A text file beside the model."""
        (self.folder / name).write_text(text)
        return str(self.folder / name)


Case = Callable[[Bench], list[str]]
CASES: dict[str, tuple[int, str, Case]] = {}


def case(code: int, said: str) -> Callable[[Case], Case]:
    """An input, the exit code it must lead to, and a part of the sentence or of the report."""

    def register(function: Case) -> Case:
        CASES[function.__name__] = (code, said, function)
        return function

    return register


@pytest.fixture
def bench(tiny: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    folder = tmp_path / "delivery"
    folder.mkdir()
    save_model(tiny.network, folder, "safetensors", tiny.x).rename(folder / "model.safetensors")
    tiny.save_clean(folder / "clean.npz")
    return Bench(tiny, folder, monkeypatch)


# The delivery is missing or is no model: the request is at fault.


@case(2, "There is no model at")
def model_missing(bench: Bench) -> list[str]:
    return bench.audit(model=bench.folder / "nothing.pt")


@case(2, "There is no model at")
def model_missing_and_no_clean_set(bench: Bench) -> list[str]:
    return ["audit", str(bench.folder / "nothing.pt"), "--out", str(bench.out)]


@case(2, "is empty")
def model_empty(bench: Bench) -> list[str]:
    return bench.rewrite(b"")


@case(2, "holds no model file")
def folder_without_model(bench: Bench) -> list[str]:
    (bench.folder / "empty").mkdir()
    return bench.audit(model=bench.folder / "empty")


@case(2, "not a regular file")
def model_is_a_device(bench: Bench) -> list[str]:
    return bench.audit(model=Path("/dev/null"))


# The delivery is damaged or hostile: an adverse report.


@case(1, "no known model format")
def model_of_noise(bench: Bench) -> list[str]:
    return bench.rewrite(bytes(range(256)) * 9)


@case(1, "safetensors")
def safetensors_truncated(bench: Bench) -> list[str]:
    return bench.rewrite(bench.model.read_bytes()[:-100])


@case(1, "safetensors")
def safetensors_with_a_huge_header(bench: Bench) -> list[str]:
    content = bench.model.read_bytes()
    return bench.rewrite((1 << 31).to_bytes(8, "little") + content[8:])


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.marker}",)


@case(1, "system")
def pickle_with_os_system(bench: Bench) -> list[str]:
    marker = bench.folder.parent / "executed"
    return bench.rewrite(pickle.dumps({"weight": Evil(marker)}))


@case(1, "system")
def torch_zip_with_os_system(bench: Bench) -> list[str]:
    torch.save({"weight": Evil(bench.folder.parent / "executed")}, bench.model)
    return bench.audit()


@case(1, "")
def torchscript_truncated(bench: Bench) -> list[str]:
    path = save_model(bench.tiny.network, bench.folder.parent, "torchscript", bench.tiny.x)
    return bench.rewrite(path.read_bytes()[:5000])


@case(1, "")
def zip_of_something_else(bench: Bench) -> list[str]:
    with zipfile.ZipFile(bench.model, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir or Madam")
    return bench.audit()


@case(1, "NaN or infinite")
def weights_with_nan(bench: Bench) -> list[str]:
    state = {key: value.clone() for key, value in bench.tiny.network.state_dict().items()}
    state["fc.weight"][0, 0] = float("nan")
    torch.save(state, bench.model)
    return bench.audit()


@case(1, "HDF5")
def model_of_keras(bench: Bench) -> list[str]:
    return bench.rewrite(b"\x89HDF\r\n\x1a\n" + bytes(600))


@case(1, "GGUF")
def model_of_llama(bench: Bench) -> list[str]:
    return bench.rewrite(b"GGUF\x03\0\0\0" + bytes(600))


@case(1, "of the LogisticRegression is missing")
def whole_model_of_a_library(bench: Bench) -> list[str]:
    body = b"\x80\x04\x8c\x1esklearn.linear_model._logistic\x8c\x12LogisticRegression\x93)\x81."
    return bench.rewrite(body)


@case(4, "_rebuild_qtensor")
def weights_quantised(bench: Bench) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch will give up these tensors; old files hold them
        weight = torch.quantize_per_tensor(torch.rand(4, 4), 0.1, 0, torch.qint8)
    torch.save({"fc.weight": weight}, bench.model)
    return bench.audit()


@case(4, "_rebuild_sparse_tensor")
def weights_sparse(bench: Bench) -> list[str]:
    torch.save({"fc.weight": torch.eye(4).to_sparse()}, bench.model)
    return bench.audit()


@case(1, "cut off")
def legacy_torch_truncated(bench: Bench) -> list[str]:
    state = bench.tiny.network.state_dict()
    torch.save(state, bench.model, _use_new_zipfile_serialization=False)
    return bench.rewrite(bench.model.read_bytes()[:-50])


@case(1, "two members of the name")
def zip_with_two_members_of_one_name(bench: Bench) -> list[str]:
    torch.save(dict(bench.tiny.network.state_dict()), bench.model)
    with warnings.catch_warnings(), zipfile.ZipFile(bench.model, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(archive.namelist()[0], b"\x80\x02}.")
    return bench.audit()


@case(4, "outside its storage")
def tensor_outside_its_storage(bench: Bench) -> list[str]:
    torch.save({"fc.weight": torch.zeros(4)}, bench.model)
    content = bench.model.read_bytes()
    return bench.rewrite(content.replace(b"QK\x00K\x04\x85", b"QK\x00K\x40\x85"))


# What is said about the model does not fit it.


@case(2, "Unknown architecture 'resnet-18'")
def arch_unknown(bench: Bench) -> list[str]:
    return bench.audit("--arch", "resnet-18")


@case(2, "do not fit resnet18")
def arch_wrong(bench: Bench) -> list[str]:
    return bench.audit("--arch", "resnet18")


@case(2, "There is no architecture nowhere:factory")
def factory_missing(bench: Bench) -> list[str]:
    return bench.audit("--arch", "nowhere:factory")


@case(2, "have shape (1, 8, 8), but the model takes (3, 32, 32)")
def shape_wrong(bench: Bench) -> list[str]:
    return bench.audit("--shape", "3,32,32")


@case(2, "is not a shape")
def shape_nonsense(bench: Bench) -> list[str]:
    return bench.audit("--shape", "large")


@case(2, "10 classes, not 3")
def classes_wrong(bench: Bench) -> list[str]:
    return bench.audit("--classes", "3")


@case(2, "not a low and a high value")
def range_upside_down(bench: Bench) -> list[str]:
    return bench.audit("--range", "255,0")


@case(2, "must be finite numbers")
def range_not_a_number(bench: Bench) -> list[str]:
    return bench.audit("--range", "nan,1")


@case(2, "must be finite numbers")
def mean_not_a_number(bench: Bench) -> list[str]:
    return bench.audit("--mean", "nan", "--std", "1")


@case(2, "must be positive")
def std_zero(bench: Bench) -> list[str]:
    return bench.audit("--mean", "0.5", "--std", "0")


@case(2, "mean has 2 values")
def mean_of_too_many_channels(bench: Bench) -> list[str]:
    return bench.audit("--mean", "0.5,0.5", "--std", "1,1")


@case(2, "no better than chance")
def range_wrong(bench: Bench) -> list[str]:
    return bench.audit("--range", "0,1", "--mean", "40", "--std", "0.001")


@case(2, "not valid TOML")
def card_broken(bench: Bench) -> list[str]:
    bench.file("card.toml", "[model")
    return bench.audit()


@case(2, "model.classes must be a whole number")
def card_with_words_for_numbers(bench: Bench) -> list[str]:
    bench.file("card.toml", '[model]\nclasses = "ten"')
    return bench.audit()


@case(2, "no name of an architecture")
def card_that_names_code(bench: Bench) -> list[str]:
    bench.file("card.toml", '[model]\narch = "os:abort"')
    return bench.audit()


@case(2, "more than 64 GiB")
def model_of_a_terabyte(bench: Bench) -> list[str]:
    with bench.model.open("ab") as made:
        made.truncate(1 << 40)
    return bench.audit()


@case(2, "You may not use")
def model_in_a_closed_folder(bench: Bench) -> list[str]:
    bench.patch.setattr("auditor.pipeline.receive", _refused)
    return bench.audit()


def _refused(path: Path) -> None:
    """What the system says to a user without the right."""
    raise PermissionError(13, "Permission denied", str(path))


# The clean set.


@case(2, "label")
def labels_below_zero(bench: Bench) -> list[str]:
    y = bench.tiny.y.numpy().copy()
    y[:2] = -1
    return bench.clean_arrays(y=y)


@case(2, "")
def labels_of_fractions(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=bench.tiny.y.numpy() + 0.5)


@case(2, "")
def labels_not_a_number(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=np.full(len(bench.tiny.y), np.nan))


@case(2, "")
def pictures_of_words(bench: Bench) -> list[str]:
    return bench.clean_arrays(x=np.full((len(bench.tiny.y), 8, 8), "cat"))


@case(2, "")
def pictures_of_complex_numbers(bench: Bench) -> list[str]:
    return bench.clean_arrays(x=bench.tiny.x.numpy().astype(np.complex64))


@case(2, "")
def clean_set_is_an_empty_folder(bench: Bench) -> list[str]:
    (bench.folder / "cleaned").mkdir()
    return bench.audit("--clean", str(bench.folder / "cleaned"))


@case(2, "There is no clean set at")
def clean_missing(bench: Bench) -> list[str]:
    return bench.audit("--clean", str(bench.folder / "nothing.npz"))


@case(2, "is not a clean set that can be read")
def clean_of_noise(bench: Bench) -> list[str]:
    return bench.audit("--clean", bench.file("clean.txt.gz", "hello"))


@case(2, "y")
def clean_without_labels(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=None)


@case(2, "same label")
def clean_of_one_class(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=np.zeros(len(bench.tiny.y), np.int64))


@case(2, "NaN")
def clean_with_nan(bench: Bench) -> list[str]:
    x = bench.tiny.x.numpy().copy()
    x[3] = np.nan
    return bench.clean_arrays(x=x)


@case(2, "label 99")
def labels_out_of_range(bench: Bench) -> list[str]:
    y = bench.tiny.y.numpy().copy()
    y[:2] = 99
    return bench.clean_arrays(y=y)


@case(2, "at least 20 are needed")
def too_few_images(bench: Bench) -> list[str]:
    return bench.clean_arrays(x=bench.tiny.pixels[:9], y=np.arange(9) % 2)


@case(2, "labels")
def lengths_differ(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=bench.tiny.y.numpy()[:-1])


@case(2, "pickled objects, which are never opened")
def clean_of_objects(bench: Bench) -> list[str]:
    return bench.clean_arrays(y=np.array([Evil(bench.folder.parent / "executed")] * 400))


@case(2, "outside the declared range")
def values_outside_the_range(bench: Bench) -> list[str]:
    bench.clean_arrays(x=bench.tiny.x.numpy() * 9 - 4)
    return bench.audit("--range", "0,1")


@case(2, "no column 'colour'")
def label_column_missing(bench: Bench) -> list[str]:
    rows = ["a,b,y", *(f"{i},{i % 3},{i % 2}" for i in range(40))]
    return bench.audit(
        "--clean", bench.file("clean.csv", "\n".join(rows)), "--label-column", "colour"
    )


@case(2, "2 clean sets")
def two_clean_sets_beside_the_model(bench: Bench) -> list[str]:
    bench.file("clean.csv", "a,b\n1,2\n")
    return ["audit", str(bench.folder), "--out", str(bench.out)]


@case(2, "No clean set was given")
def no_clean_set(bench: Bench) -> list[str]:
    bench.clean.unlink()
    return ["audit", str(bench.folder), "--out", str(bench.out)]


# Options.


@case(2, "is not a time")
def budget_nonsense(bench: Bench) -> list[str]:
    return bench.audit("--budget", "soon")


@case(2, "is too short")
def budget_too_short(bench: Bench) -> list[str]:
    return bench.audit("--budget", "2s")


@case(2, "Unknown policy 'lenient'")
def policy_unknown(bench: Bench) -> list[str]:
    return bench.audit("--policy", "lenient")


@case(2, "unknown limit 'alpha'")
def policy_with_an_unknown_limit(bench: Bench) -> list[str]:
    return bench.audit("--policy", bench.file("own.toml", "[parameters]\nalpha = 0.1\n"))


@case(2, "own.toml")
def policy_broken(bench: Bench) -> list[str]:
    return bench.audit("--policy", bench.file("own.toml", "[parameters\n"))


@case(2, "own.yaml")
def criteria_broken(bench: Bench) -> list[str]:
    return bench.audit("--criteria", bench.file("own.yaml", "criteria: [}"))


@case(2, "'thorough' is not one of")
def profile_unknown(bench: Bench) -> list[str]:
    return bench.audit("--profile", "thorough")


@case(2, "is not name=value")
def declare_without_a_value(bench: Bench) -> list[str]:
    return bench.audit("--declare", "accuracy")


@case(2, "--declare accuracy=high cannot be used")
def declare_words(bench: Bench) -> list[str]:
    return bench.audit("--declare", "accuracy=high")


@case(2, "--declare beauty=0.9 cannot be used")
def declare_something_else(bench: Bench) -> list[str]:
    return bench.audit("--declare", "beauty=0.9")


@case(2, "not a SHA-256 digest")
def declare_half_a_digest(bench: Bench) -> list[str]:
    return bench.audit("--declare", "sha256=abc")


@case(2, "seed")
def seed_negative(bench: Bench) -> list[str]:
    return bench.audit("--seed", "-1")


# The output folder.


@case(2, "Cannot write to")
def out_is_a_file(bench: Bench) -> list[str]:
    bench.out.write_text("x")
    return bench.audit()


@case(2, "Cannot write to")
def out_cannot_be_written(bench: Bench) -> list[str]:
    return Parcel(bench.model, bench.clean, "small_cnn").arguments(Path("/proc/audit"))


@case(2, "not empty and holds no audit")
def out_holds_something_else(bench: Bench) -> list[str]:
    bench.out.mkdir()
    (bench.out / "thesis.tex").write_text("x")
    return bench.audit()


@case(2, "holds an audit of another item or with other options")
def out_of_another_audit(bench: Bench) -> list[str]:
    assert run(*bench.audit("--seed", "1")).exit_code in (1, 3, 4)
    return bench.audit("--seed", "2")


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_a_sentence_or_an_adverse_report(name: str, bench: Bench) -> None:
    code, said, make = CASES[name]
    result = run(*make(bench))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert not (bench.folder.parent / "executed").exists()
    if code == 2:
        assert result.stdout == ""
        assert said in " ".join(result.stderr.split())
        assert not (bench.out / "record.json").exists() or "another_audit" in name
        return
    record = read(bench.out)
    assert record.opinion.gate == ("reject" if code == 1 else "inconclusive")
    assert said in str(record.finding("artefact.unsafe_load"))
    assert (bench.out / "report.html").exists()


def test_there_are_at_least_sixty_kinds() -> None:
    assert len(CASES) >= 60
