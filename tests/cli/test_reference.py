"""The reference commands print what the registries hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_audits import run

from auditor.architectures import names
from auditor.core.probe import PROBES
from auditor.criteria.load import load_catalogue
from auditor.planning import profiles


def test_probes() -> None:
    result = run("probes", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert [manifest["id"] for manifest in listed] == sorted(PROBES)
    text = run("probes").output
    for manifest in listed:
        assert f"{manifest['id']}: {manifest['title']}" in text


def test_architectures() -> None:
    assert run("probes", "--arch").output.split() == list(names())


def test_criteria() -> None:
    ids = [criterion.id for criterion in load_catalogue().criteria]
    assert [entry["id"] for entry in json.loads(run("criteria", "--json").stdout)] == ids
    assert [line.split()[0] for line in run("criteria").output.splitlines()] == ids


def test_profiles() -> None:
    output = run("profiles").output
    for name, body in profiles().items():
        assert f"{name}: {body['title']}" in output


def test_samples() -> None:
    output = run("sample", "list").output
    assert "fashion_backdoor" in output
    assert "3 x 3 checker" in output


def test_samples_without_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.cli.sample.HOME", Path("/nowhere"))
    result = run("sample", "list")
    assert result.exit_code == 2
    assert "not installed" in result.output
