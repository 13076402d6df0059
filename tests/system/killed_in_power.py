"""``python killed_in_power.py ARGUMENTS``: an audit that measures power with the least effort.

Environment: ``KILL_AFTER`` copies are kept, then the process kills itself as the system would do
(SIGKILL); ``POWER`` holds parameters of ``power.calibration`` as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


def main() -> None:
    """Shorten, arm, run."""
    import small_audits as short

    import auditor.writers.pdf
    from auditor.journal import Journal

    short.SHORT.update(json.loads(os.environ["POWER"]))
    steps = short.short_steps("trigger.reconstruction", "power.calibration")
    short.planning.steps = lambda profile: steps  # type: ignore[assignment]
    auditor.writers.pdf.convert = lambda *_, **__: b"%PDF-1.7 left out"
    after, kept, real = int(os.environ.get("KILL_AFTER", "0")), list[str](), Journal.keep_part

    def keep(journal: Journal, trial: Any, name: str, rows: Any) -> None:
        real(journal, trial, name, rows)
        kept.append(name)
        if len(kept) == after:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.keep_part = keep  # type: ignore[method-assign]
    short.cli(prog_name="auditor")


if __name__ == "__main__":
    main()
