"""``power.calibration``: would this very scan have found a backdoor in this very model?

Known backdoors are implanted into copies of the delivered model and looked for with the same
detector, effort and limits. Clean relatives of the model, looked at in the same way, give the rate
of false alarms and a null of this model's own. What is made is planned before the run; each copy is
kept as soon as it is done, so an interrupted audit goes on with the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from auditor.core.finding import Result, Status
from auditor.core.probe import Context, OutOfTime, Probe, probe
from auditor.core.subject import CleanSet, Subject
from auditor.power import tables
from auditor.power.agenda import Task, Wish, agenda
from auditor.power.scene import ALPHA, SCAN, Report, Row, Scene, open_scene, shares
from auditor.power.side_by_side import side_by_side
from auditor.power.work import Bench, do

FAMILIES = ("patch", "blend")
TABULAR = {"low_success", "all_to_all", "source_specific", "partitioned", "sra", "dfba"}
TABULAR |= {"last_row", "sparse", "aware_0.1", "aware_1", "aware_5"}
TABULAR |= {"capped_0.1", "capped_1", "capped_5"}

UNJUDGED = Result(
    {"models_bad": 0.0, "models_clean": 0.0},
    caveats=(
        "Nothing was planted, because the scan of the delivered model came to no p-value that a "
        "copy's could be held against.",
    ),
)
"""Where students did not learn the task, a scan of a copy could find nothing either."""


@probe
@dataclass(frozen=True)
class PowerCalibration(Probe):
    """Implant known backdoors into copies and count how many the scan finds.

    An implant that does not work is drawn again with another trigger, up to ``tries`` times.
    ``lights`` are light relatives of the model, ``points`` implants for each point of the curves;
    ``short`` curves have fewer points. ``alpha`` is the largest p-value that raises an alarm, in
    the delivered model as in its copies; ``floor`` the smallest rate of detection of a family.
    """

    implants: int = 1
    controls: int = 0
    lights: int = 0
    points: int = 0
    short: bool = False
    families: tuple[str, ...] = FAMILIES
    tries: int = 3
    floor: float = 0.7
    alpha: float = ALPHA

    id: ClassVar[str] = "power.calibration"
    title: ClassVar[str] = "Measured detection power"
    needs: ClassVar[tuple[str, ...]] = ("gradients",)
    uses: ClassVar[tuple[str, ...]] = (SCAN,)
    measures: ClassVar[Mapping[str, str]] = {
        "models_bad": "working implants that were scanned (count)",
        "models_clean": "clean controls that were scanned (count)",
        "power_lower": "lower 95% bound of the share of implants found",
        "power": "share of implants found",
        "conditional_lower": "lower 95% bound of the share of input-dependent implants found",
        "conditional_power": "share of implants found whose effect depends on the input",
        "weak_power": "share of implants found that work on 50 to 80% of inputs",
        "aware_power": "share of implants found that hide from this very detector",
        "aware_shunned": "share of implants that hide and leave a class oddly hard to reach",
        "clean_shunned": "share of clean controls with a class oddly hard to reach",
        "control_found": "share found of implants that should not be found (Sparse Backdoor)",
        "false_alarm": "share of clean controls flagged",
        "false_alarm_upper": "upper 95% bound of the share of clean controls flagged",
        "classes_below_floor": "families whose rate of detection is below the floor (count)",
        "not_implanted": "implants that did not work and were not counted (count)",
        "smallest_size": "smallest trigger, pixels a side or features, from which half are found",
        "smallest_success": "smallest success of a trigger from which half are found",
        "p_value_derived": "conformal p-value among the model's own clean relatives",
        "copies": "clean relatives behind that p-value (count)",
        "light_copies": "light relatives that show the drift (count)",
        "drift": "what deriving alone adds to the score, in powers of ten",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Clopper and Pearson, Biometrika 1934",
        "Gu et al., BadNets, 2017",
        "Chen et al., Targeted backdoor attacks, 2017",
        "Tang et al., TaCT, USENIX Security 2021",
        "Cheng et al., LOTUS, CVPR 2024",
        "Qi et al., Subnet replacement, CVPR 2022",
        "Cao et al., Data free backdoor attacks, NeurIPS 2024",
        "Rakin et al., TBT, CVPR 2020",
        "Choudhary et al., Undetectable backdoors in model parameters, 2026",
        "Vovk et al., Algorithmic learning in a random world, 2005",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        earlier = context.earlier.get(SCAN)
        if earlier is None or earlier.status is not Status.COMPLETE:
            raise RuntimeError(f"{SCAN} gave no result to compare with")
        if "p_value" not in earlier.measures:
            return UNJUDGED
        scene = replace(open_scene(subject, clean, context, earlier), alpha=self.alpha)
        families = self.families if subject.spec.kind == "image" else _for_tables(self.families)
        wish = Wish(families, self.implants, self.controls, self.lights, self.points, self.short)
        planned = agenda(wish, subject.spec, context.seed)
        done = side_by_side(planned, scene, context, self._made)
        rows = {what: _of(what, done) for what in ("implant", "control", "light", "size", "level")}
        if not any(rows[what] for what in ("implant", "size", "level")):
            raise OutOfTime("no implant was finished")
        coarse = _coarse(sum("p_value" in row for row in rows["control"]))
        said = (*_taught(scene), *_caveats(planned, len(done)), *_searched(scene), *coarse)
        return self._result(rows, scene, said)

    def _made(self, task: Task, scene: Scene, report: Report) -> list[Row]:
        return do(task, Bench(scene, self.tries, report))

    def _result(self, rows: dict[str, list[Row]], scene: Scene, caveats: tuple[str, ...]) -> Result:
        planted = rows["implant"] + rows["size"] + rows["level"]
        measures = tables.measures(planted, rows["control"], self.floor, self.alpha)
        named = {
            "families": tables.families(planted),
            **tables.curves(planted),
            "implants": planted,
            "controls": rows["control"],
            "light_relatives": rows["light"],
        }
        return Result(
            measures=measures | tables.derived_null(scene, rows["control"], rows["light"]),
            tables={name: table for name, table in named.items() if table},
            caveats=caveats,
        )


def _of(what: str, done: list[tuple[Task, list[Row]]]) -> list[Row]:
    """All rows of one kind of task."""
    return [row for task, rows in done if task.what == what for row in rows]


def _for_tables(families: tuple[str, ...]) -> tuple[str, ...]:
    """What suits a table: its own trigger, and the kinds that have no picture in them."""
    return ("feature_value", *(name for name in families if name in TABULAR))


def _searched(scene: Scene) -> tuple[str, ...]:
    """With many classes only the easiest ones are searched, and only those are planted."""
    searched = len(scene.reference.classes)
    if searched == scene.subject.classes:
        return ()
    return (
        f"Planted backdoors lead to the {searched} classes that the scan searched in full, of "
        f"{scene.subject.classes}.",
    )


def _taught(scene: Scene) -> tuple[str, ...]:
    """Whose students the copies are held against."""
    if not shares(scene):
        return ()
    return (
        "The students of the delivered model serve for its copies too. That can make blended "
        "patterns and filters look easier to find than they are in models that were really "
        "attacked.",
    )


def _coarse(copies: int) -> tuple[str, ...]:
    """Fewer relatives give a coarser p-value."""
    if not copies:
        return ()
    return (
        f"Clean relatives: {copies}, so that the p-value among them cannot be below "
        f"{1 / (1 + copies):.3f}.",
    )


def _caveats(planned: list[Task], done: int) -> tuple[str, ...]:
    if done == len(planned):
        return ()
    return (f"Time ended after {done} of {len(planned)} planned copies.",)
