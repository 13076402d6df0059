"""Catalogue and policy, bundled or from a user's file, read and checked.

Purpose: everything that decides is data with a digest, fixed in the plan before the first
trial. A file with a mistake is refused in one sentence with its line; nothing in it is executed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from auditor.core.canonical import digest
from auditor.core.criterion import Framework as Reference
from auditor.core.criterion import Guide, Outcome
from auditor.core.errors import AuditorError
from auditor.core.finding import Frozen
from auditor.core.plan import Policy
from auditor.criteria.catalogue import (
    Catalogue,
    Criterion,
    DeclaredTest,
    Framework,
    Number,
    Parameter,
    Profile,
    Scales,
    Text,
)
from auditor.criteria.checks import Taxonomy, check_catalogue
from auditor.criteria.reader import Source, read, read_source, validate

HERE = Path(__file__).parent
PROFILES: tuple[str, ...] = get_args(Profile)
ADDED = ("frameworks", "policy", "scales", "tests")


class PolicyFile(Frozen):
    """A user's policy: a base profile and the limits that differ from it, each with a reason."""

    name: str = ""
    base: Profile = "baseline"
    parameters: dict[str, Number]
    reasons: dict[str, Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=dict
    )


class Extension(Frozen):
    """A user's criteria on top of the bundled ones.

    Args:
        extends: ``bundled``.
        drop: ids of bundled criteria that are left out.
        criteria: new ones; one with a bundled id replaces it. The other tables add to theirs.
    """

    extends: Literal["bundled"]
    catalogue: dict[str, Any] = Field(default_factory=dict)
    drop: tuple[Text, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    frameworks: dict[str, Framework] = Field(default_factory=dict)
    policy: dict[str, Parameter] = Field(default_factory=dict)
    scales: dict[str, Scales] = Field(default_factory=dict)
    tests: dict[str, DeclaredTest] = Field(default_factory=dict)
    opinion: dict[str, Any] = Field(default_factory=dict)


@cache
def taxonomies() -> dict[str, Taxonomy]:
    """Pinned ids of every framework, by framework."""
    files = sorted((HERE / "taxonomies").glob("*.yaml"))
    return {file.stem: validate(Taxonomy, read(file), file.name) for file in files}


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The bundled catalogue, or the one in a file, which may extend the bundled one.

    Raises:
        AuditorError: the file cannot be read or contradicts itself; names criterion and rule.
    """
    return _bundled() if path is None else _loaded(path)


@cache
def _bundled() -> Catalogue:
    return _loaded(HERE / "catalogue.yaml")


def _loaded(path: Path) -> Catalogue:
    source = read_source(path)
    data = _extended(source) if "extends" in source.data else source.data
    catalogue = validate(Catalogue, data, source)
    check_catalogue(catalogue, taxonomies(), source)
    return catalogue


def _extended(source: Source) -> dict[str, Any]:
    """The bundled catalogue's data with a user's additions."""
    own = validate(Extension, source.data, source)
    base = read(HERE / "catalogue.yaml")
    added = own.model_dump(mode="json", by_alias=True, exclude_unset=True)
    replaced = {criterion.id for criterion in own.criteria}
    known = {str(entry["id"]) for entry in base["criteria"]}
    for name in own.drop:
        if name not in known:
            raise AuditorError(
                f"{source.line_with(name)}: there is no bundled criterion {name} to drop.",
                "`auditor criteria` lists them.",
            )
    kept = [e for e in base["criteria"] if e["id"] not in replaced and e["id"] not in own.drop]
    identity = {"id": f"{base['catalogue']['id']}+{Path(source.name).stem}", **own.catalogue}
    return {
        **base,
        **{name: base[name] | added.get(name, {}) for name in ADDED},
        "catalogue": base["catalogue"] | identity,
        "opinion": base["opinion"] | own.opinion,
        "criteria": [*kept, *added.get("criteria", [])],
    }


def guide(catalogue: Catalogue) -> Guide:
    """What the report prints beside the verdicts: references, editions, next steps, limits."""
    editions = {key: f"{each.title} ({each.edition})" for key, each in catalogue.frameworks.items()}
    return Guide(
        mappings=catalogue.mappings(),
        frameworks={
            key: Reference(
                title=title, ids={ref: name or "" for ref, name in taxonomies()[key].ids.items()}
            )
            for key, title in editions.items()
        },
        steps={
            each.id: {outcome.value: each.step(outcome) for outcome in Outcome}
            for each in catalogue.criteria
        },
        limits={name: limit.says for name, limit in catalogue.policy.items()},
        metrics={
            name: {metric: each.says for metric, each in test.metrics.items()}
            for name, test in catalogue.tests.items()
        },
    )


def policy(name_or_file: str | Path = "baseline", catalogue: Catalogue | None = None) -> Policy:
    """The limits of a bundled profile, or of a YAML or TOML file that changes one.

    >>> policy("baseline").parameters["alpha_fail"]
    0.05

    Raises:
        AuditorError: no such profile or file, unknown limit, not a number, out of range.
    """
    catalogue = catalogue or load_catalogue()
    name = str(name_or_file)
    reasons = {key: limit.because for key, limit in catalogue.policy.items() if limit.because}
    if name in PROFILES:
        return _policy(name, _profile(catalogue, name), "bundled", reasons)
    path = Path(name_or_file)
    if not path.suffix and not path.exists():
        known = ", ".join(PROFILES)
        raise AuditorError(f"Unknown policy {name!r}.", f"Name one of {known}, or a file.")
    source = read_source(path)
    given = validate(PolicyFile, source.data, source)
    for limit, value in given.parameters.items():
        _check_limit(catalogue, limit, value, source)
    for limit in given.reasons:
        _check_known(catalogue, limit, source.at("reasons", limit))
    limits = _profile(catalogue, given.base) | given.parameters
    inherited = {key: text for key, text in reasons.items() if key not in given.parameters}
    reasons = inherited | given.reasons
    return _policy(given.name or path.stem, limits, f"{path.name} on {given.base}", reasons)


def _profile(catalogue: Catalogue, profile: str) -> dict[str, float]:
    return {name: getattr(limit, profile) for name, limit in catalogue.policy.items()}


def _check_limit(catalogue: Catalogue, name: str, value: float, source: Source) -> None:
    at = source.at("parameters", name)
    _check_known(catalogue, name, at)
    low, high = catalogue.policy[name].range
    if not low <= value <= high:
        raise AuditorError(
            f"{at}: {name} is {value:g}, outside {low:g} to {high:g}.", "Choose another value."
        )


def _check_known(catalogue: Catalogue, name: str, at: str) -> None:
    if name not in catalogue.policy:
        known = ", ".join(catalogue.policy)
        raise AuditorError(f"{at}: unknown limit {name!r}.", f"Known: {known}.")


def _policy(name: str, limits: dict[str, float], source: str, reasons: dict[str, str]) -> Policy:
    return Policy(
        name=name, parameters=limits, sha256=digest(limits), source=source, reasons=reasons
    )
