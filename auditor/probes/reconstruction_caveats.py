"""What a reader of trigger reconstruction must know of this one model, a sentence each."""

from __future__ import annotations

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.scan import Reference
from auditor.methods.inversion.shunned import hardest
from auditor.methods.inversion.still import constant_columns
from auditor.probes.reconstruction_tables import ALPHA

NAMED = 5
"""Classes that a caveat names."""


def caveats(
    subject: Subject, clean: CleanSet, reference: Reference, suspicion: Contrast, turned: int
) -> tuple[str, ...]:
    """Those that hold; ``turned`` is the number of places that classes are sent further on."""
    return (
        *_held(clean),
        *_rare(subject, reference),
        *_shunned(subject, suspicion),
        *_turned(turned),
        *_paired(subject, suspicion),
    )


def _held(clean: CleanSet) -> tuple[str, ...]:
    fixed = int(constant_columns(clean).sum())
    said = (
        f"{fixed} columns have one value only in the clean set: triggers in them were not searched."
    )
    return (said,) if fixed else ()


def _rare(subject: Subject, reference: Reference) -> tuple[str, ...]:
    named = ", ".join(subject.spec.label(k) for k in reference.rare[:NAMED])
    more = len(reference.rare) - NAMED
    named += f" and {more} more" if more > 0 else ""
    said = (
        f"The model hardly ever answers {named}: no student could learn that, so that nothing is "
        "concluded from how easy it is to reach."
    )
    return (said,) if reference.rare else ()


def _shunned(subject: Subject, suspicion: Contrast) -> tuple[str, ...]:
    """The sign that somebody hid a backdoor from this search."""
    found = hardest(suspicion)
    said = (
        f"Class {subject.spec.label(found.target)} is far harder to reach than in students (p "
        f"{found.p_value:.3f}): training a backdoor to hide from this search can leave that sign."
    )
    return (said,) if found.p_value <= ALPHA else ()


def _turned(places: int) -> tuple[str, ...]:
    """The sign of an all-to-all backdoor."""
    said = (
        f"Random triggers move inputs of every class on by {places} in the order of classes, far "
        "more often than in students, as after training with an all-to-all backdoor."
    )
    return (said,) if places else ()


def _paired(subject: Subject, suspicion: Contrast) -> tuple[str, ...]:
    """The sign of a backdoor that works on inputs of one class."""
    if suspicion.pair is None or suspicion.p_away > ALPHA:
        return ()
    source, target = map(subject.spec.label, suspicion.pair)
    return (
        f"Random triggers move inputs of class {source} to class {target} more often than in "
        "students, as no other class: the sign of a backdoor that works on one class alone.",
    )
