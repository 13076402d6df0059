"""What the parts of a catalogue say about each other must hold together.

Purpose: a rule with a misspelt measure would never fire, and so would never fail anything; each
such mistake is refused before an audit starts, with the criterion's id and the expression.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from auditor.core.errors import AuditorError
from auditor.core.finding import Frozen
from auditor.criteria.catalogue import Catalogue, Criterion
from auditor.criteria.grammar import RuleError, check, parse
from auditor.criteria.reader import Source


class Taxonomy(Frozen):
    """The ids of one framework's edition, each with a short title where one was checked."""

    title: str
    edition: str
    source: str
    checked: str
    ids: dict[str, str | None]


def check_catalogue(
    catalogue: Catalogue, taxonomies: Mapping[str, Taxonomy], source: str | Source
) -> None:
    """Refuse a catalogue that contradicts itself or the pinned taxonomies.

    Raises:
        AuditorError: the first contradiction.
    """
    for problem in _problems(catalogue, taxonomies):
        at = source.line_with(_subject(problem)) if isinstance(source, Source) else source
        raise AuditorError(f"{at}: {problem}.", "See docs/policies.md.")


def _subject(problem: str) -> str:
    """The criterion's id, limit or scale that a problem is about."""
    words = problem.removeprefix("criterion ").removeprefix("policy ").removeprefix("scale ")
    return words.partition(" ")[0].rstrip(":").strip("'")


def _problems(catalogue: Catalogue, taxonomies: Mapping[str, Taxonomy]) -> Iterator[str]:
    yield from _repeated(catalogue)
    yield from _frameworks(catalogue, taxonomies)
    yield from _limits(catalogue)
    units = catalogue.units()
    for name, scales in catalogue.scales.items():
        for scale in (scales.alarm, scales.silence):
            for text in (scale.high, scale.medium):
                if text is not None:
                    yield from _rule(f"scale {name}", text, units)
    for criterion in catalogue.criteria:
        yield from _criterion(criterion, catalogue, units, taxonomies)
    yield from _opinion(catalogue)
    yield from _questions(catalogue)


def _questions(catalogue: Catalogue) -> Iterator[str]:
    for test, declared in catalogue.tests.items():
        for name in sorted((declared.asked.metrics if declared.asked else ()) or ()):
            if name not in declared.metrics:
                yield f"{test}: the questionnaire asks for the unknown metric {name!r}"
        counted = {"items_present", "items_required"}
        if declared.asked and declared.asked.items and not counted <= set(declared.metrics):
            yield f"{test}: a checklist needs the metrics items_present and items_required"


def _repeated(catalogue: Catalogue) -> Iterator[str]:
    for name, times in Counter(c.id for c in catalogue.criteria).items():
        if times > 1:
            yield f"criterion {name} is given {times} times"
    if "policy" in catalogue.tests:
        yield "a test cannot be called 'policy', the name under which rules read limits"


def _frameworks(catalogue: Catalogue, taxonomies: Mapping[str, Taxonomy]) -> Iterator[str]:
    for name, framework in catalogue.frameworks.items():
        if name not in taxonomies:
            yield f"framework {name!r} has no pinned list of ids; known: {', '.join(taxonomies)}"
        elif taxonomies[name].edition != framework.edition:
            pinned = taxonomies[name].edition
            yield f"framework {name!r} is {framework.edition!r}, but {pinned!r} is pinned"


def _limits(catalogue: Catalogue) -> Iterator[str]:
    for name, limit in catalogue.policy.items():
        low, high = limit.range
        for profile in ("baseline", "elevated", "critical"):
            value = getattr(limit, profile)
            if not low <= value <= high:
                yield f"policy {name}: {profile} {value:g} is outside {low:g} to {high:g}"


def _criterion(
    criterion: Criterion,
    catalogue: Catalogue,
    units: Mapping[str, str],
    taxonomies: Mapping[str, Taxonomy],
) -> Iterator[str]:
    where = criterion.id
    for test in criterion.tests:
        if test not in catalogue.tests:
            yield f"{where}: unknown test {test!r}"
    if criterion.confidence not in catalogue.scales:
        yield f"{where}: unknown confidence scale {criterion.confidence!r}"
    for text in criterion.expressions():
        yield from _rule(where, text, units)
    yield from _tests_read(criterion)
    yield from _mappings(criterion, catalogue, taxonomies)


def _rule(where: str, text: str, units: Mapping[str, str]) -> Iterator[str]:
    try:
        check(parse(text), units)
    except RuleError as error:
        yield f"{where}: {error} in the rule '{text}'"


def _tests_read(criterion: Criterion) -> Iterator[str]:
    names = [name for text in criterion.expressions() for name in parse(text).names]
    read = {name.rpartition(".")[0] for name in names} - {"policy"}
    for test in sorted(read - set(criterion.tests)):
        yield f"{criterion.id}: its rules read {test!r}, which is not among its tests"
    for test in sorted(set(criterion.tests) - read):
        yield f"{criterion.id}: no rule reads its test {test!r}"


def _mappings(
    criterion: Criterion, catalogue: Catalogue, taxonomies: Mapping[str, Taxonomy]
) -> Iterator[str]:
    for framework, references in criterion.maps_to.items():
        if framework not in catalogue.frameworks:
            yield f"{criterion.id}: maps to the unknown framework {framework!r}"
            continue
        for reference in references:
            if reference.ref not in taxonomies[framework].ids:
                pinned = f"{framework} {taxonomies[framework].edition}"
                yield f"{criterion.id}: {reference.ref!r} is not a pinned id of {pinned}"


def _opinion(catalogue: Catalogue) -> Iterator[str]:
    blocking = {c.id for c in catalogue.criteria if c.gate == "blocking"}
    for name in catalogue.opinion.core:
        if name not in blocking:
            yield f"opinion: the core criterion {name!r} is not a blocking criterion"
