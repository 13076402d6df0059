"""``influence.training``: which training samples taught the model what the scan found?

Purpose: trace a reconstructed trigger back to training samples; cut the ranking at a stated rate
of false verdicts; check it by removal.
Sources: see ``auditor.methods.influence``: layer-wise GAS beyond what clean inputs explain
(Hammoudeh & Lowd 2022), a cut against searched triggers, removal against random removal. A trigger
that does not raise the model's rate of its target is not traced: that samples are alike says
nothing of the model.
Limits: without training data nothing is said about poisons. Without checkpoints the delivered
weights alone are traced, which is weaker. Samples named are suspects, not proof of intent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from auditor.core.finding import Exhibit, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.influence import Cut, cut
from auditor.methods.influence.forensics import (
    identity,
    idle,
    listing,
    not_given,
    samples,
    traced,
    unverified_rows,
)
from auditor.methods.influence.inquiry import Inquiry, part, standing_out
from auditor.methods.influence.null import null_questions
from auditor.methods.influence.removal import (
    WORKS,
    Removal,
    Suspects,
    kept_index,
)
from auditor.methods.influence.untaught import found_anyway, set_aside
from auditor.methods.influence.witness import Witness, given_anyway, risen, sharpened, witness

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject, TrainingSet

SOURCE = "trigger.reconstruction"
BATTERY = "data.battery"
LISTED = 200
Measures = dict[str, Measure | float | bool]
BY_BATTERY = (
    "Removed instead, and listed first: the samples that the battery suspects, against as many "
    "others of their labels."
)
UNLEARNED = (
    "Without a recipe the model only unlearned them, which links nobody to the trigger: searched "
    "triggers went with honest samples in 6 of 14 clean models. --recipe allows training again."
)
MEASURED = "at .001, 5 of 400 verdicts on 40 clean digits models were false"


@probe
@dataclass(frozen=True)
class TrainingInfluence(Probe):
    """Traces findings of the same audit to training samples.

    Args:
        null: null queries behind the verdict.
        alpha: false-verdict rate.
        false_share: largest expected share of honest samples among the accused.
        unverified_weight: factor on the scores of rows without verified provenance; 0 leaves
            them out of the ranking.
        draws: random removals that the removal of the accused is compared with.
        shown: pictures shown.
    """

    id = "influence.training"
    title = "Training samples behind the behaviour"
    needs = ("gradients", "labels", "training")
    uses = (SOURCE, BATTERY)
    measures: ClassVar[Mapping[str, str]] = {
        "training_data_available": "whether the training data could be seen",
        "samples": "training samples ranked",
        "checkpoints": "checkpoints traced, the delivered weights included",
        "provenance_known": "whether a provenance manifest was given",
        "unverified_rows": "rows without verified provenance",
        "traced": "whether a reconstructed trigger was traced",
        "trigger_success": "share of triggered inputs that reach the target",
        "target_anyway": "share of clean inputs of other classes that reach it without; unless the "
        "trigger adds .5, nothing is traced",
        "trace_p_value": "chance of such a trace without poison, against searched null triggers",
        "accused": "training samples accused by the trace",
        "expected_false": "expected share of honest samples among the accused",
        "set_aside": "samples, the accused among them, that a new training should do without; "
        "those that the battery suspects where nobody is accused",
        "found_without_model": "share of the accused that shuffled weights would rank as high",
        "accused_reliant": "share of the accused whose label falls without the trigger",
        "suspicious_share": "share of training samples accused or suspected by the battery, "
        "whichever is larger",
        "cluster_purity": "share of the accused that carry the trigger's target class",
        "linked_to_trigger": "whether the accused explain the trigger and removal does not refute "
        "it, or training again without those that the battery suspects takes the trigger away",
        "removal_ran": "whether the accused, or the battery's suspects, were removed to see what "
        "changes",
        "removal_retrained": "whether a recipe allowed training again (else unlearning)",
        "removal_confirmed": "whether half of the trigger's success went with those removed and "
        "not with others",
        "success_before": "share of triggered inputs that reach the target",
        "success_after": "the same without those set aside",
        "success_after_random": "the same without as many others, mean over draws",
        "accuracy_before": "clean accuracy",
        "accuracy_after": "clean accuracy without those set aside",
    }
    cites = ("Hammoudeh & Lowd 2022", "Pruthi et al. 2020", "Efron et al. 2001")

    null: int = 29
    alpha: float = 0.001
    false_share: float = 0.1
    unverified_weight: float = 0.5
    draws: int = 2
    shown: int = 12

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Provenance, populations, then the trace of the trigger."""
        training = context.training
        if training is None:
            said = "The training data were not supplied: poisoned samples were not assessed."
            return Result({"training_data_available": False}, caveats=(said,))
        measures, tables = identity(training), unverified_rows(training, LISTED)
        trigger = witness(subject.network, context.arrays, SOURCE)
        rates = () if trigger is None else _rates(trigger, subject.network, clean)
        measures |= {
            "suspicious_share": _battery(context),
            "linked_to_trigger": False,
            "traced": bool(rates) and risen(*rates) >= WORKS,
            **dict(zip(("trigger_success", "target_anyway"), rates, strict=False)),
        }
        if trigger is None or not measures["traced"]:
            return Result(measures, tables, caveats=(*not_given(training), *idle(rates)))
        inquiry, verdict = self._clearest(Inquiry(subject, clean, training, trigger, context))
        measures |= {
            "trace_p_value": verdict.p_value,
            "accused": _count(len(verdict.accused)),
        }
        aside = verdict.accused
        if len(aside):
            untaught = inquiry.untaught()
            scores = verdict.scores if untaught is None else verdict.scores + untaught
            aside = set_aside(verdict.accused, scores)
            measures |= self._judged(inquiry, verdict, aside)
            measures |= _anyway(untaught, verdict.accused)
            measures["accused_reliant"] = inquiry.reliant(verdict.accused)
        elif len(aside := _stood_out(context)):
            measures |= self._apart(inquiry, aside)
        rest = kept_index(len(training.data), aside)
        ranked = torch.cat([aside, rest[verdict.scores[rest].argsort(descending=True)]])
        order = verdict.accused if len(verdict.accused) else ranked
        tables["ranking"] = listing(training, order, LISTED, verdict.scores)
        pictures = samples(subject, training, order[: self.shown])
        exhibits = (*pictures, _cleaned(training, aside))
        apart: tuple[str, ...] = ()
        if len(aside) and not len(verdict.accused):
            apart = (BY_BATTERY, *(() if measures.get("removal_retrained") else (UNLEARNED,)))
        return Result(
            measures, tables, exhibits, not_given(training) + self._limits(verdict) + apart
        )

    def _clearest(self, inquiry: Inquiry) -> tuple[Inquiry, Cut]:
        """The trigger as the scan left it, or its sharpened form: whichever is the clearer.

        Two questions have two chances to accuse somebody: p-values are doubled.
        """
        sharp = sharpened(inquiry.trigger, inquiry.subject.network)
        asked = [inquiry, *([replace(inquiry, trigger=sharp)] if sharp else [])]
        share = 0.7 / len(asked)
        heard = [
            (one, self._verdict(one, len(asked), 0.1 + share * i, share))
            for i, one in enumerate(asked)
        ]
        return min(heard, key=lambda pair: pair[1].p_value)

    def _verdict(self, inquiry: Inquiry, asked: int, start: float, width: float) -> Cut:
        trigger, context = inquiry.trigger, inquiry.context
        null = null_questions(
            inquiry.material, trigger.change, trigger.target, self.null, context.seed,
            part(context, start, width / 2),
        )  # fmt: skip
        groups = [inquiry.question, *null]
        scores = traced(
            inquiry.subject,
            inquiry.training,
            groups,
            self.unverified_weight,
            part(context, start + width / 2, width / 2),
        )
        about = [group.about for group in groups]
        found = cut(scores, about, self.alpha / asked, self.false_share)
        return replace(found, p_value=min(1.0, asked * found.p_value))

    def _judged(self, inquiry: Inquiry, verdict: Cut, aside: Tensor) -> Measures:
        accused, data = verdict.accused, inquiry.training.data
        labelled = (data.y[accused] == inquiry.trigger.target).float().mean()
        removal = inquiry.removed(Suspects(accused, aside), self.draws)
        return {
            "expected_false": verdict.false_share,
            "suspicious_share": max(len(accused) / len(data), _battery(inquiry.context)),
            "cluster_purity": float(labelled),
            "set_aside": _count(len(aside)),
            "linked_to_trigger": removal is None or removal.confirmed,
            **_removal(removal),
        }

    def _apart(self, inquiry: Inquiry, apart: Tensor) -> Measures:
        """Nobody is accused: does the trigger go with those that the battery suspects?

        Only training again can tell. The battery suspects what stands apart in its class, and a
        class that unlearns those gives way to any trigger differently, honest or not.
        """
        suspects = standing_out(inquiry.training.data.y, apart)
        removal = inquiry.removed(suspects, self.draws)
        return {
            "set_aside": _count(len(apart)),
            "linked_to_trigger": removal is not None and removal.retrained and removal.confirmed,
            **_removal(removal),
        }

    def _limits(self, verdict: Cut) -> tuple[str, ...]:
        if not len(verdict.accused):
            return (
                f"The ranking accuses nobody: null triggers look alike (p = {verdict.p_value:.2g}, "
                f"a verdict needs {self.alpha:g}).",
            )
        return (
            f"A verdict needs a nominal p of {self.alpha:g}, if searched null triggers stand for "
            f"the trigger; {MEASURED}. About {verdict.false_share:.0%} of the accused are expected "
            "to be honest.",
        )


def _removal(removal: Removal | None) -> Measures:
    if removal is None:
        return {"removal_ran": False}
    return {
        "removal_ran": True,
        "removal_retrained": removal.retrained,
        "removal_confirmed": removal.confirmed,
        "success_before": removal.before[0],
        "success_after": removal.after[0],
        "success_after_random": removal.success_without_random,
        "accuracy_before": removal.before[1],
        "accuracy_after": removal.after[1],
    }


def _rates(trigger: Witness, network: nn.Module, clean: CleanSet) -> tuple[float, float]:
    return trigger.success(network), given_anyway(network, clean, trigger.target)


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")


def _anyway(untaught: Tensor | None, accused: Tensor) -> Measures:
    return {} if untaught is None else {"found_without_model": found_anyway(untaught, accused)}


def _cleaned(training: TrainingSet, aside: Tensor) -> Exhibit:
    kept = kept_index(len(training.data), aside).numpy()
    caption = "Indices of the training samples to train again with: all but those set aside."
    return Exhibit("cleaned_index", kept, "array", caption)


def _stood_out(context: Context) -> Tensor:
    """Indices of the samples that the battery of the same audit suspects."""
    found = context.arrays.get(f"{BATTERY}/suspects")
    return torch.empty(0).long() if found is None else torch.tensor(found).long()


def _battery(context: Context) -> float:
    """Share of samples that the battery of the same audit suspects."""
    finding = context.earlier.get(BATTERY)
    share = finding.measures.get("suspicious_share") if finding else None
    return share.value if share else 0.0
