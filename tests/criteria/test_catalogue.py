"""The bundled catalogue is whole; a catalogue with a mistake is refused in one sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from criteria_examples import CATALOGUE, FLAWLESS

from auditor.core.errors import AuditorError
from auditor.criteria import load
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.checks import check_catalogue
from auditor.criteria.grammar import parse
from auditor.criteria.load import load_catalogue, policy, taxonomies
from auditor.criteria.reader import read, validate

BUNDLED = Path(load.__file__).parent / "catalogue.yaml"


def test_the_bundled_catalogue_is_whole() -> None:
    assert len(CATALOGUE.criteria) == 30
    assert set(FLAWLESS) == set(CATALOGUE.tests) - {"trigger.attribution"}
    for test, measures in FLAWLESS.items():
        assert set(measures) == set(CATALOGUE.tests[test].metrics), test
    used = {test for criterion in CATALOGUE.criteria for test in criterion.tests}
    assert used == set(FLAWLESS)


def test_no_limit_is_idle() -> None:
    rules = [text for criterion in CATALOGUE.criteria for text in criterion.expressions()]
    read = {name for text in rules for name in parse(text).names}
    assert {f"policy.{name}" for name in CATALOGUE.policy} <= read


def test_every_framework_names_its_edition_and_every_mapping_is_pinned() -> None:
    assert set(CATALOGUE.frameworks) == set(taxonomies())
    mapped = {name for criterion in CATALOGUE.criteria for name in criterion.maps_to}
    assert mapped == set(CATALOGUE.frameworks)
    for criterion in CATALOGUE.criteria:
        assert all(reference.relation for reference in criterion.maps_to.get("eu_ai_act", ()))


@pytest.mark.parametrize("profile", ["baseline", "elevated", "critical"])
def test_limits_can_be_reached(profile: str) -> None:
    limits = policy(profile).parameters
    assert 1 / (limits["clean_models_min"] + 1) <= limits["alpha_fail"] <= limits["alpha_concern"]
    assert 0.025 ** (1 / limits["power_models_min"]) >= limits["power_floor"]
    assert 1 - 0.025 ** (1 / limits["clean_models_min"]) <= limits["false_alarm_ceiling"]
    assert limits["false_alarm_ceiling"] < limits["false_alarm_fail"]
    assert limits["flip_rate_concern"] <= limits["flip_rate_fail"]


def test_a_stricter_profile_never_loosens_a_limit() -> None:
    looser_when_larger = ("_concern", "_fail", "_max", "_ceiling", "_tolerance")
    tighter_when_larger = (
        "_min",
        "_floor",
        "alpha_concern",
        "alpha_fail",
        "robust_acc_concern",
        "robust_acc_fail",
    )
    for name, limit in CATALOGUE.policy.items():
        steps = [limit.baseline, limit.elevated, limit.critical]
        upwards = name.endswith(tighter_when_larger)
        assert upwards or name.endswith(looser_when_larger), name
        assert steps == sorted(steps, reverse=not upwards), name


DATA = read(BUNDLED)


def edited(**changes: Any) -> dict[str, Any]:
    """The bundled catalogue's data with changes to its first criterion."""
    first, *others = DATA["criteria"]
    return {**DATA, "criteria": [{**first, **changes}, *others]}


def checked(data: dict[str, Any]) -> Catalogue:
    """What ``load_catalogue`` does after reading."""
    catalogue = validate(Catalogue, data, "own.yaml")
    check_catalogue(catalogue, taxonomies(), "own.yaml")
    return catalogue


RULE_MISTAKES = [
    ("artefact.hash.complet", "unknown name 'artefact.hash.complet'"),
    ("artefact.hush.complete", "unknown name 'artefact.hush.complete'"),
    ("artefact.hash.complete and policy.hash_max > 1", "unknown name 'policy.hash_max'"),
    ("perf.accuracy.value > 0.5", "read 'perf.accuracy', which is not among its tests"),
    ("__import__('os').system('id')", "a dot may only join plain names|Call is not part"),
    ("artefact.hash.complete +", "not a well-formed expression"),
]


@pytest.mark.parametrize(("rule", "complaint"), RULE_MISTAKES)
def test_a_rule_that_cannot_work_is_refused(rule: str, complaint: str) -> None:
    with pytest.raises(AuditorError, match=complaint) as caught:
        checked(edited(rules={"pass": rule}))
    assert "TAC-ID-01" in caught.value.message
    assert rule in caught.value.message or "not among its tests" in caught.value.message


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "TAC-ID-01.colour: Extra inputs are not permitted"),
    ({"tests": ["artefact.hash", "artefact.hush"]}, "TAC-ID-01: unknown test 'artefact.hush'"),
    ({"tests": ["artefact.hash", "perf.repeat"]}, "TAC-ID-01: no rule reads its test"),
    ({"maps_to": {"iso_9001": ["4.1"]}}, "TAC-ID-01: maps to the unknown framework 'iso_9001'"),
    ({"maps_to": {"atlas": ["AML.T0019"]}}, "'AML.T0019' is not a pinned id of atlas 2026.07"),
    ({"confidence": "gut"}, "TAC-ID-01: unknown confidence scale 'gut'"),
    ({"gate": "optional"}, "TAC-ID-01.gate"),
    ({"rules": {"fail": "artefact.hash.complete"}}, "TAC-ID-01.rules.pass: Field required"),
    ({"id": "TAC-ID-02"}, "criterion TAC-ID-02 is given 2 times"),
    ({"title": ""}, "TAC-ID-01.title"),
]


@pytest.mark.parametrize(("changes", "complaint"), MISTAKES)
def test_a_contradiction_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AuditorError, match=re.escape(complaint)):
        checked(edited(**changes))


LIMIT = {"says": "x", "baseline": 2, "elevated": 2, "critical": 2}
ELSEWHERE: list[tuple[str, Any, str]] = [
    ("criteria", [], "at least 1 item"),
    ("opinion", {"core": ["TAC-EVA-01"]}, "core criterion 'TAC-EVA-01' is not a blocking"),
    ("frameworks", {"atlas": {"title": "A", "edition": "2025"}}, "'2026.07' is pinned"),
    ("frameworks", {"own": {"title": "A", "edition": "1"}}, "no pinned list of ids"),
    ("policy", {"power_floor": LIMIT}, "baseline 2 is outside 0 to 1"),
    ("policy", {"power_floor": {**LIMIT, "baseline": True}}, "valid number"),
    ("tests", {"policy": {"does": "x", "metrics": {}}}, "cannot be called 'policy'"),
    ("scales", {"gut": {"alarm": {"high": "a.b"}, "silence": {}}}, "scale gut: unknown name"),
]


@pytest.mark.parametrize(("key", "value", "complaint"), ELSEWHERE)
def test_a_contradiction_outside_the_criteria_is_refused(
    key: str, value: Any, complaint: str
) -> None:
    changed = {**DATA[key], **value} if isinstance(value, dict) else value
    with pytest.raises(AuditorError, match=complaint):
        checked({**DATA, key: changed})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: &x [1]\nb: *x\n", "aliases are not allowed"),
        ("a: 1\na: 2\n", "the key 'a' is given twice"),
        ("!!python/object/apply:os.system ['id']", "not well formed"),
        ("- 1\n- 2\n", "does not hold keys and values"),
        ("[" * 5000, "not well formed"),
        ("a: [", "not well formed"),
        ("? [1]\n: 2\n", "neither a word nor a number"),
        ("a: " + "x" * (1 << 20), "larger than"),
    ],
)
def test_a_file_that_is_no_plain_data_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(AuditorError, match=complaint):
        load_catalogue(path)


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match="cannot be read"):
        load_catalogue(tmp_path / "none.yaml")
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AuditorError, match="not UTF-8"):
        load_catalogue(tmp_path / "own.yaml")


def test_a_users_file_is_loaded_and_named_in_errors(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(json.dumps(DATA))
    assert load_catalogue(own).sha256 == CATALOGUE.sha256
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(json.dumps(edited(rules={"pass": "artefact.hash.complet"})))
    with pytest.raises(AuditorError, match=r"^wrong\.yaml: TAC-ID-01: unknown name"):
        load_catalogue(wrong)


def test_the_digest_follows_the_content() -> None:
    assert checked(DATA).sha256 == CATALOGUE.sha256
    assert checked(edited(title="Other")).sha256 != CATALOGUE.sha256
    assert CATALOGUE.sha256 in CATALOGUE.label
