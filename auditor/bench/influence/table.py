"""The tables of ``docs/benchmarks.md``, section Influence, from the files of one run.

    python -m auditor.bench.influence.table DIR [PAGE]

With a page, what stands there between its two markers is replaced. Every figure is read from what
``auditor bench influence --out DIR`` and ``peer_runs`` left there; what was not run prints as a
dash.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.bench.influence.others import SHARES
from auditor.core.errors import AuditorError

METHODS = (
    ("RESIDUAL", "backdoor", "trace_ap"),
    ("layer-wise GAS, plain", "backdoor", "gas_ap"),
    ("TracIn, ours", "backdoor", "tracin_ap"),
    ("captum TracInCP, sample-wise", "backdoor", "captum_sample_wise_ap"),
    ("captum TracInCP, default", "backdoor", "captum_default_ap"),
    ("captum TracInCPFast", "backdoor", "captum_fast_ap"),
    ("kronfluence, EK-FAC, last checkpoint", "backdoor", "kronfluence_ap"),
    ("ART spectral signatures", "backdoor", "art_spectral_ap"),
    ("ART activation clustering", "backdoor", "art_clustering_ap"),
    ("RESIDUAL, trigger reconstructed by the scan", "backdoor", "reconstructed_ap"),
    ("captum TracInCP, the same trigger", "backdoor", "reconstructed_captum_ap"),
    ("wrong labels: `by_course`", "flips", "course_ap"),
    ("wrong labels: self-influence", "flips", "self_influence_ap"),
    ("wrong labels: cleanlab, five-fold", "flips", "cleanlab_ap"),
)
Number = Callable[[float], str]
FIRST, LAST = "<!-- influence tables -->", "<!-- end of influence tables -->"


@dataclass(frozen=True)
class Results:
    """One run's folder."""

    folder: Path

    def rows(self, task: str) -> Iterator[dict[str, Any]]:
        """Results of a task's seeds, in order, those of other packages added."""
        paths = sorted(self.folder.glob(f"{task}*.json"), key=_seed)
        for path in (p for p in paths if not p.name.endswith(".peers.json")):
            beside = path.with_suffix(".peers.json")
            peers = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
            yield json.loads(path.read_text("utf-8")) | peers

    def all(self, task: str, name: str) -> list[float]:
        """One figure of every seed that has it."""
        return [float(row[name]) for row in self.rows(task) if row.get(name) is not None]


def _seed(path: Path) -> tuple[int, str]:
    tail = path.name.split(".")[0].rpartition("-")[2]
    return (int(tail) if tail.isdigit() else 0, path.name)


def two(value: float) -> str:
    """.94, or 1.00."""
    return f"{value:.2f}".removeprefix("0")


def each(values: list[float], number: Number = two) -> str:
    """All figures, or a dash."""
    return " ".join(map(number, values)) or "-"


def mean(values: list[float], number: Number = two) -> str:
    """Their mean, or a dash."""
    return number(statistics.mean(values)) if values else "-"


def precisions(results: Results) -> Iterator[str]:
    """Average precision by method and seed."""
    yield "| method | digits, by seed | mean | Fashion-MNIST, by seed | mean |"
    yield "|---|---|---|---|---|"
    for label, task, name in METHODS:
        cells = (results.all(f"{data}-{task}-", name) for data in ("digits", "fashion"))
        both = " | ".join(f"{each(values)} | {mean(values)}" for values in cells)
        yield f"| {label} | {both} |"


def times(results: Results) -> Iterator[str]:
    """captum's seconds over ours, in turn on one machine."""
    yield "| beside captum | digits, by seed | Fashion-MNIST, by seed |"
    yield "|---|---|---|"
    for label, name, number in (
        ("first question, sample-wise: ratio", "first_ratio", _one),
        ("later question, sample-wise: ratio", "later_ratio", _one),
        ("first question, ours: seconds", "first_s", _three),
        ("later question, ours: seconds", "later_s", _three),
        ("first question, captum default: seconds", "captum_default_first_s", _one),
        ("later question, captum default: seconds", "captum_default_later_s", _one),
        ("later question, captum Fast: seconds", "captum_fast_later_s", _three),
        ("largest difference over largest score, float32", "relative_error", _small),
    ):
        cells = (each(results.all(f"{data}-backdoor-", name), number) for data in DATA)
        yield f"| {label} | {' | '.join(cells)} |"
    ratios = (each(_faster(results, data), _one) for data in DATA)
    yield f"| wrong labels: cleanlab's seconds over `by_course`'s | {' | '.join(ratios)} |"


DATA = ("digits", "fashion")


def _faster(results: Results, data: str) -> list[float]:
    rows = results.rows(f"{data}-flips-")
    return [row["cleanlab_s"] / row["course_s"] for row in rows if "cleanlab_s" in row]


def _one(value: float) -> str:
    return f"{value:.1f}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _small(value: float) -> str:
    return f"{value:.1e}"


def removals(results: Results) -> Iterator[str]:
    """Attack success left of 1% backdoors."""
    names = ("success", "success_after", "success_random", "success_retrained",
             "success_never_poisoned", "accuracy_drop")  # fmt: skip
    yield f"| trigger, 1% | models | accused | linked | {' | '.join(names)} |"
    yield "|---" * (4 + len(names)) + "|"
    for task in ("edge", "fashion", "patch"):
        rows = [row for row in results.rows(f"removal-{task}-") if row["admitted"]]
        accused = [row for row in rows if row["true_accused"]]
        linked = sum(row["linked"] for row in rows)
        cells = [each([row[n] for row in accused], _three if "drop" in n else two) for n in names]
        yield f"| {task} | {len(rows)} | {len(accused)} | {linked} | {' | '.join(cells)} |"


def controls(results: Results) -> Iterator[str]:
    """Figures of the controls, a line each."""
    yield "| control | digits | Fashion-MNIST |"
    yield "|---|---|---|"
    for name in (
        "true_p", "true_accused", "right", "wrong_success", "wrong_p", "wrong_accused",
        "success_random", "random_weights_success", "random_weights_rise",
        "random_weights_accused", "random_weights_more", "random_weights_more_given",
        "random_weights_highest_rise", "random_weights_more_accused",
        "random_weights_correlation", "random_weights_ap", "found_without_model",
        "reliant_ap", "random_weights_reliant_ap", "accused_reliant",
    ):  # fmt: skip
        number: Number = (lambda v: f"{v:.2g}") if name.endswith("_p") else two
        cells = (each(results.all(f"{data}-backdoor-", name), number) for data in DATA)
        yield f"| `{name}` | {' | '.join(cells)} |"


def others(results: Results) -> Iterator[str]:
    """Clean models, linear models, duplicates, ceilings, 60,000 images."""
    first = [row["verdict"] for row in results.rows("clean-")]
    more = [verdict for row in results.rows("clean-") for verdict in row["verdicts"]]
    for name, verdicts in (("one verdict a model", first), ("all verdicts", more)):
        wrong = sum(verdict["accused"] > 0 for verdict in verdicts)
        smallest = min((verdict["p"] for verdict in verdicts), default=1.0)
        yield f"- clean, {name}: {wrong} of {len(verdicts)} accused; smallest p {smallest:.2g}"
    for task in ("linear-", "near-duplicates", "ceiling-", "fashion-60000"):
        for row in results.rows(task):
            yield f"- {json.dumps({k: v for k, v in row.items() if k != 'shares'})}"
    yield f"- shares of the poisoning curves: {SHARES}"


def quiet(results: Results) -> Iterator[str]:
    """Verdicts about honest training sets, and about partly mislabelled classes."""
    yield "| training sets | models | battery rejects | smallest p | mistakes accuse | smallest p |"
    yield "|---|---|---|---|---|---|"
    for data in DATA:
        rows = list(results.rows(f"quiet-{data}-"))
        cells = [str(len(rows))]
        for flag, p_value in (("rejected", "smallest_p"), ("mistakes_accused", "mistakes_p")):
            least = min((row[p_value] for row in rows if row[p_value] is not None), default=1.0)
            cells += [str(sum(bool(row[flag]) for row in rows)), f"{least:.2g}"]
        yield f"| honest, {data} | {' | '.join(cells)} |"
    asked = [row for row in results.rows("quiet-") if row.get("traced")]
    again, unlearned = (sum(bool(row[name]) for row in asked) for name in ("linked", "unlearned"))
    yield ""
    yield (
        f"- honest suspects of {len(asked)} models linked to a searched trigger: {again} by "
        f"training again, {unlearned} by unlearning, which does not count"
    )
    for row in results.rows("value-pairs"):
        yield f"- {json.dumps(row)}"
    for data in DATA:
        by_share: dict[float, list[dict[str, Any]]] = {}
        for row in results.rows(f"mislabelled-{data}-"):
            by_share.setdefault(row["share"], []).append(row)
        for share, rows in sorted(by_share.items()):
            found = [
                f"{row['mistakes_right']} of {row['mistakes_listed']} ({row['changed']})"
                for row in rows if row["mistakes_accused"]
            ]  # fmt: skip
            yield (
                f"- {data}, {share:.0%} of a class mislabelled: {len(found)} of {len(rows)} "
                f"accused; right of listed (mislabelled): {', '.join(found) or '-'}"
            )


def main() -> None:
    """Print all tables, or put them into a page."""
    results = Results(Path(sys.argv[1]))
    tables = "\n\n".join(
        "\n".join(part(results)) for part in (precisions, times, removals, controls, others, quiet)
    )
    if len(sys.argv) == 2:
        sys.stdout.write(f"{tables}\n")
        return
    page = Path(sys.argv[2])
    page.write_text(placed(page.read_text("utf-8"), tables), "utf-8")


def placed(page: str, tables: str) -> str:
    """The page with the tables between its markers.

    >>> " ".join(placed(f"a {FIRST} b {LAST} c", "T").split()) == f"a {FIRST} T {LAST} c"
    True
    """
    before, first, rest = page.partition(FIRST)
    _, last, after = rest.partition(LAST)
    if not first or not last:
        raise AuditorError("The page has no place for the tables.", f"Write {FIRST} and {LAST}.")
    return f"{before}{FIRST}\n\n{tables}\n\n{LAST}{after}"


if __name__ == "__main__":
    main()
