"""Who knows the scan: what each term of the loss sees, and what the strongest attacker leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from auditor.attacks.implants import Goal, Job, Recipe, plant
from auditor.attacks.implants.aware import AWARE, BLIND, CAPPED
from auditor.attacks.implants.hiding import (
    Term,
    covers,
    decoys,
    driven_no_deeper,
    no_trigger_found,
    no_trigger_nearer,
    random_triggers_ignored,
)
from auditor.attacks.implants.tuning import Loss, planted
from auditor.attacks.triggers.overlays import Blend
from auditor.core.subject import CleanSet, Subject

ENOUGH = (no_trigger_nearer, driven_no_deeper, random_triggers_ignored)
OPEN = Goal(Blend(0.3, 8, 3), 4)
"""A backdoor that hides from nobody."""


@pytest.fixture(scope="module")
def job(digits_subject: Subject, digits_clean: CleanSet) -> Job:
    recipe = Recipe(steps=120, batch=32, rate=8e-3, shake=0.0)
    return Job(digits_subject, *digits_clean.split(0.5, 0), seed=1, recipe=recipe)


@pytest.fixture(scope="module")
def loud(job: Job) -> Subject:
    return planted(job, OPEN)


def last(term: Term, job: Job, copy: Subject, turns: int = 25) -> float:
    """The term after some steps, in which the attacker's own search has come to something."""
    loss, x = term(job, OPEN), job.train.x[:64]
    return float([loss(copy, x).detach() for _ in range(turns)][-1])


@pytest.mark.parametrize("term", ENOUGH)
def test_terms_see_an_open_backdoor_and_nothing_in_the_delivered_model(
    term: Term, job: Job, loud: Subject
) -> None:
    usual = last(term, job, job.subject)
    assert usual == pytest.approx(0, abs=0.05 if term is driven_no_deeper else 1e-5)
    assert last(term, job, loud) > usual + 0.1


def test_who_hides_without_limit_would_even_change_the_delivered_model(job: Job) -> None:
    assert last(no_trigger_found, job, job.subject) > 0.1


def test_a_part_of_the_trigger_is_to_do_nothing(job: Job, loud: Subject) -> None:
    assert last(covers, job, loud, 1) > last(covers, job, job.subject, 1)


def test_the_strongest_attacker_leaves_the_last_layer_and_no_decoys(job: Job) -> None:
    short = replace(job, recipe=Recipe(steps=12, batch=16))
    quiet, decoying = plant("capped_0.1", short), plant("aware_0.1", short)
    own, new, other = (
        [w for w in subject.network.parameters() if w.dim() > 1]
        for subject in (job.subject, quiet.subject, decoying.subject)
    )
    assert torch.equal(own[-1], new[-1])
    assert not torch.equal(own[0], new[0])
    assert not torch.equal(own[-1], other[-1])
    assert decoying.decoys
    assert not quiet.decoys


def test_every_other_class_gets_a_decoy(job: Job) -> None:
    """A network that answers the same to everything shows which class the decoy is to reach."""

    class Ramp(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.arange(10.0).expand(len(x), 10)

    term, ramp = decoys(job, OPEN), Subject(Ramp(), job.subject.spec)
    seen = {round(float(term(ramp, job.train.x[:4])), 3) for _ in range(120)}
    chances = torch.arange(10.0).log_softmax(0)
    wanted = {round(-0.5 * float(chances[label]), 3) for label in range(10) if label != OPEN.target}
    assert seen == wanted


def test_what_each_attacker_knows_is_in_the_loss() -> None:
    assert {*AWARE.terms} == {no_trigger_found, decoys, covers, driven_no_deeper}
    assert {*BLIND.terms} == {no_trigger_nearer, covers, driven_no_deeper}
    assert {*CAPPED.terms} == {*BLIND.terms, random_triggers_ignored}
    assert CAPPED.keeps_head


@pytest.mark.parametrize("name", ["aware_0.1", "capped_1"])
def test_who_hides_in_a_table(name: str, wine: tuple[Subject, CleanSet]) -> None:
    subject, clean = wine
    short = Recipe(steps=6, batch=16)
    made = plant(name, Job(subject, *clean.split(0.5, 0), seed=1, recipe=short))
    assert 0 <= made.success <= 1


@pytest.mark.parametrize("attacker", ["aware", "capped"])
def test_the_scans_own_score_is_in_the_loss_with_each_weight(
    attacker: str, job: Job, loud: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def caught(job: Job, goal: Goal, extra: Loss, after: object) -> Subject:
        seen.append(float(extra(loud, job.train.x[:32]).detach()))
        return job.subject

    monkeypatch.setattr("auditor.attacks.implants.aware.planted", caught)
    for weight in ("0.1", "1", "5"):
        plant(f"{attacker}_{weight}", job)
    assert seen == pytest.approx([0.1 * seen[1], seen[1], 5 * seen[1]], rel=1e-4)
    assert seen[1] > 0.1
