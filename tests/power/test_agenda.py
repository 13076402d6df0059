"""The order of the work: a little of everything first, seeds that do not depend on the amount."""

from __future__ import annotations

from dataclasses import replace

from auditor.attacks.implants import KINDS
from auditor.core.spec import InputSpec
from auditor.planning import profiles, steps
from auditor.power.agenda import Task, Wish, agenda

IMAGE = InputSpec(kind="image", shape=(1, 8, 8), classes=10)
TABLE = InputSpec(kind="tabular", shape=(13,), classes=3)


def kinds(tasks: list[Task]) -> list[str]:
    return [task.what for task in tasks]


def test_rounds_mix_implants_and_controls() -> None:
    tasks = agenda(Wish(("patch", "blend"), 3, controls=6, lights=1, points=1), IMAGE, 5)
    assert kinds(tasks)[:5] == ["implant", "implant", "control", "control", "light"]
    assert kinds(tasks).count("control") == 6
    assert kinds(tasks).count("implant") == 6
    assert kinds(tasks)[-1] == "level"


def test_names_and_seeds_are_unique_and_stable() -> None:
    few = agenda(Wish(("patch",), 1), IMAGE, 5)
    many = agenda(Wish(("patch",), 4, controls=9, lights=3, points=2), IMAGE, 5)
    assert many[0] == few[0]
    assert len({task.key for task in many}) == len(many)


def test_sizes_suit_the_inputs() -> None:
    pictures = agenda(Wish(("patch",), 1, points=1), IMAGE, 0)
    rows = agenda(Wish(("feature_value",), 1, points=1), TABLE, 0)
    named = {task.name for task in pictures if task.what == "size"}
    assert named == {"patch", "blend"}
    assert max(t.value for t in pictures if t.name == "patch") <= 4
    assert {task.name for task in rows if task.what == "size"} == {"feature_value"}


def test_short_curves_have_the_points_that_other_implants_leave_open() -> None:
    wish = Wish(("patch",), 1, points=2)
    full, short = (agenda(one, IMAGE, 0) for one in (wish, replace(wish, short=True)))
    points = [(task.what, task.name, task.value) for task in short if task.what != "implant"]
    assert len(points) == 8
    assert {*points} < {(task.what, task.name, task.value) for task in full}
    assert {value for what, _, value in points if what == "size"} == {1.0, 2.0}
    assert {value for what, _, value in points if what == "level"} == {0.35, 0.65}


def test_standard_draws_short_curves_of_small_models_and_deep_draws_full_ones() -> None:
    small, large = (
        {name: steps(name)["power.calibration"].suited(size).params for name in profiles()}
        for size in (50_000, 270_000)
    )
    assert (small["standard"]["points"], small["standard"]["short"]) == (2, True)
    assert (large["standard"]["points"], large["deep"]["points"]) == (0, 5)
    assert not large["deep"]["short"]
    hiding = {"aware_0.1", "capped_0.1", "capped_1", "capped_5"}
    assert hiding <= {*small["standard"]["families"]} & {*large["deep"]["families"]}


COMMON = {"patch", "blend", "sinusoid", "scatter", "warp", "quantise", "filter", "distributed"}


def test_profiles_plant_the_families_that_the_documentation_lists() -> None:
    small, large = (
        {name: {*steps(name)["power.calibration"].suited(size).params["families"]}
         for name in ("standard", "deep")}
        for size in (50_000, 270_000)
    )  # fmt: skip
    assert small["standard"] >= COMMON | {"last_row", "all_to_all", "source_specific"}
    assert small["deep"] == large["deep"]
    assert small["deep"] > small["standard"]
    assert small["deep"] >= {"sra", "dfba", "partitioned", "low_success", "sparse", "aware_1"}
    judged = {name for name in large["standard"] if KINDS[name].group == "universal"}
    assert len(judged) >= 12, "fewer than the policy reads power from"


def test_every_family_that_is_planned_is_made() -> None:
    families = tuple(steps("deep")["power.calibration"].params["families"])
    made = agenda(Wish(families, 2), IMAGE, 0)
    assert [task.name for task in made] == [*families, *families]
