"""Catalogue and policy, bundled or from a user's file, read and checked.

Purpose: everything that decides is data with a digest, fixed in the plan before the first
trial. A file with a mistake is refused in one sentence; nothing in it is ever executed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import get_args

from auditor.core.canonical import digest
from auditor.core.criterion import Framework, Guide, Outcome
from auditor.core.errors import AuditorError
from auditor.core.finding import Frozen
from auditor.core.plan import Policy
from auditor.criteria.catalogue import Catalogue, Number, Profile
from auditor.criteria.checks import Taxonomy, check_catalogue
from auditor.criteria.reader import read, validate

HERE = Path(__file__).parent
PROFILES: tuple[str, ...] = get_args(Profile)


class PolicyFile(Frozen):
    """A user's policy: a base profile and the limits that differ from it."""

    name: str = ""
    base: Profile = "baseline"
    parameters: dict[str, Number]


@cache
def taxonomies() -> dict[str, Taxonomy]:
    """Pinned ids of every framework, by framework."""
    data = read(HERE / "taxonomies.yaml")
    return {name: validate(Taxonomy, body, name) for name, body in data.items()}


@cache
def load_catalogue(path: Path | None = None) -> Catalogue:
    """The bundled catalogue, or the one in a file.

    Raises:
        AuditorError: the file cannot be read or contradicts itself; names criterion and rule.
    """
    source = path or HERE / "catalogue.yaml"
    catalogue = validate(Catalogue, read(source), source.name)
    check_catalogue(catalogue, taxonomies(), source.name)
    return catalogue


def guide(catalogue: Catalogue) -> Guide:
    """What the report prints beside the verdicts: references, editions, next steps, limits."""
    editions = {key: f"{each.title} ({each.edition})" for key, each in catalogue.frameworks.items()}
    return Guide(
        mappings=catalogue.mappings(),
        frameworks={
            key: Framework(
                title=title, ids={ref: name or "" for ref, name in taxonomies()[key].ids.items()}
            )
            for key, title in editions.items()
        },
        steps={
            each.id: {outcome.value: each.step(outcome) for outcome in Outcome}
            for each in catalogue.criteria
        },
        limits={name: limit.says for name, limit in catalogue.policy.items()},
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
    if name in PROFILES:
        return _policy(name, _profile(catalogue, name), "bundled")
    path = Path(name_or_file)
    if not path.suffix and not path.exists():
        known = ", ".join(PROFILES)
        raise AuditorError(f"Unknown policy {name!r}.", f"Name one of {known}, or a file.")
    given = validate(PolicyFile, read(path), path.name)
    for limit, value in given.parameters.items():
        _check_limit(catalogue, limit, value, path.name)
    limits = _profile(catalogue, given.base) | given.parameters
    return _policy(given.name or path.stem, limits, f"{path.name} on {given.base}")


def _profile(catalogue: Catalogue, profile: str) -> dict[str, float]:
    return {name: getattr(limit, profile) for name, limit in catalogue.policy.items()}


def _check_limit(catalogue: Catalogue, name: str, value: float, source: str) -> None:
    if name not in catalogue.policy:
        known = ", ".join(catalogue.policy)
        raise AuditorError(f"{source}: unknown limit {name!r}.", f"Known: {known}.")
    low, high = catalogue.policy[name].range
    if not low <= value <= high:
        raise AuditorError(
            f"{source}: {name} is {value:g}, outside {low:g} to {high:g}.", "Choose another value."
        )


def _policy(name: str, limits: dict[str, float], source: str) -> Policy:
    return Policy(name=name, parameters=limits, sha256=digest(limits), source=source)
