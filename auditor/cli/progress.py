"""Progress of an audit on standard error: a bar on a terminal, a line a trial elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from auditor.core.finding import Finding, Status
from auditor.core.plan import Trial
from auditor.writers.text import visible

MARKS = {Status.COMPLETE: "done", Status.SKIPPED: "skipped"}


class Watch:
    """Shows the current probe and the time left."""

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}", table_column=None),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.weights: dict[str, float] = {}
        self.started: dict[str, float] = {}
        self.done = 0.0

    def __enter__(self) -> Watch:
        self.bar.start()
        self.task = self.bar.add_task("opening the model", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def planned(self, trials: tuple[Trial, ...]) -> None:
        """Weigh the trials by their time limits."""
        self.weights = {trial.probe: trial.budget_s for trial in trials}
        self.bar.update(self.task, total=sum(self.weights.values()))

    def progress(self, trial: Trial, share: float, note: str) -> None:
        """Move the bar within a trial."""
        at = self.done + self.weights[trial.probe] * min(max(share, 0.0), 1.0)
        words = f"{trial.probe} {note}".strip()
        self.bar.update(self.task, completed=at, description=escape(visible(words[:48])))

    def finished(self, finding: Finding) -> None:
        """Move the bar past a trial and print its line."""
        self.done += self.weights.get(finding.probe, 0.0)
        self.bar.update(self.task, completed=self.done)
        mark = MARKS.get(finding.status, f"{finding.status.value}: {finding.reason}")
        clock = time.strftime("%H:%M:%S")
        line = f"{clock}  {finding.probe:<24} {finding.seconds:6.1f} s  {mark}"
        self.console.print(escape(visible(line[:300])), soft_wrap=True)

    def resumed(self) -> None:
        """Say that nothing is measured again."""
        line = "Everything was measured before the interruption; the missing reports are written."
        self.console.print(line, soft_wrap=True)
