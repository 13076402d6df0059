"""A whole audit of each format with an empty network namespace, as root and as an ordinary user.

The namespace holds nothing but its own loopback, which is down: any call to a network fails.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from model_forms import FORMS, Digits, save_balanced_folder, save_estimator, save_model
from people import PEOPLE, interpreter, open_folder, switch
from sklearn.linear_model import LogisticRegression
from small_audits import Parcel, short_steps

from auditor.writers.record_json import read

DRIVER = Path(__file__).with_name("audit_driver.py")
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PROBE = "import socket; socket.create_connection(('192.0.2.1', 9), 2)"


def leave_the_network() -> None:
    """Run in the child: no network; a user namespace first where that is needed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def offline(command: list[Any], person: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command without a network."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, check=False, capture_output=True, text=True, preexec_fn=leave_the_network,
        **switch(person), **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def python(place: Path) -> Callable[[str], str]:
    """An interpreter for a person, after a look that there is indeed no network."""

    def found(person: str) -> str:
        chosen = interpreter(place)
        try:
            done = offline([chosen, "-I", "-c", PROBE], person)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"no network namespace can be made here for {person}: {error}")
        assert "Network is unreachable" in done.stderr
        return chosen

    return found


def opened(place: Path, form: str, person: str) -> Path:
    """A folder that everybody may write into."""
    place.mkdir(exist_ok=True)
    folder = place / f"{form}-{person.replace(' ', '-')}"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def audited(
    form: str, person: str, tiny: Digits, place: Path, python: Callable[[str], str], **given: str
) -> None:
    """One audit of the tiny network in one form."""
    folder = opened(place, form, person)
    model = save_model(tiny.network, folder, form, tiny.x)
    arch = "small_cnn" if form.startswith(("safetensors", "state_dict")) else None
    parcel = Parcel(model, tiny.save_clean(folder / "clean.npz"), arch)
    finished(parcel, folder, person, python(person), **given)


def finished(parcel: Parcel, folder: Path, person: str, chosen: str, **given: str) -> None:
    """One audit must end in a record, with every trial made by a confined worker."""
    for file in (parcel.model, *parcel.model.glob("*")):
        file.chmod(0o755)  # safetensors are written for their owner alone
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(folder), **given}
    done = offline(
        [chosen, "-I", "-B", DRIVER, *parcel.arguments(folder / "out")], person, env=environment
    )
    assert done.returncode in (1, 3, 4), done.stderr  # what is found in so small a network
    record = read(folder / "out")
    assert record.plan is not None
    made = {finding.probe: finding.status for finding in record.findings}
    assert {made[trial.probe] for trial in record.plan.trials} == {"COMPLETE"}
    assert record.provenance.isolation["level"] == "confined"
    owner = (folder / "out/record.json").stat().st_uid
    assert owner == (os.geteuid() if not switch(person) else 65534)


@pytest.mark.parametrize("person", PEOPLE)
def test_an_audit_needs_no_network(
    person: str, tiny: Digits, place: Path, python: Callable[[str], str]
) -> None:
    audited("torchscript", person, tiny, place, python)


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("form", [form for form in FORMS if form != "torchscript"])
def test_no_format_needs_a_network(
    form: str, person: str, tiny: Digits, place: Path, python: Callable[[str], str]
) -> None:
    audited(form, person, tiny, place, python)


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("form", ["sklearn", "sklearn_joblib", "skops"])
def test_no_estimator_needs_a_network(
    form: str, person: str, tiny: Digits, place: Path, python: Callable[[str], str]
) -> None:
    folder = opened(place, form, person)
    fitted = LogisticRegression(max_iter=500).fit(tiny.x.flatten(1).numpy(), tiny.y.numpy())
    parcel = Parcel(save_estimator(fitted, folder, form), tiny.save_clean(folder / "clean.npz"))
    finished(parcel, folder, person, python(person))


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_no_folder_of_transformers_needs_a_network(
    person: str, place: Path, python: Callable[[str], str]
) -> None:
    folder = opened(place, "hugging_face", person)
    delivery = folder / "delivery"
    save_balanced_folder(delivery, folder / "clean.npz")
    finished(Parcel(delivery, folder / "clean.npz"), folder, person, python(person))


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_every_probe_and_the_pdf_need_no_network(
    person: str, tiny: Digits, place: Path, python: Callable[[str], str]
) -> None:
    everything = {"AUDIT_STEPS": ",".join(short_steps()), "AUDIT_PDF": "1"}
    audited("onnx", person, tiny, place / "all", python, **everything)
