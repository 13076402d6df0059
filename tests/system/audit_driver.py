"""``python audit_driver.py ARGUMENTS``: the command line with a short profile, without the PDF.

With ``AUDIT_FAKE_WORKER`` set, a worker without torch answers with measured numbers that never
change, so that a whole audit takes a second and gives the same record each time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

STEPS = ("data.clean_set", "perf.accuracy", "perf.slices", "perf.repeat")


def main() -> None:
    """Shorten, then run."""
    import small_audits as short

    import auditor.writers.pdf
    from auditor.engines import local

    steps = short.short_steps(*os.environ.get("AUDIT_STEPS", ",".join(STEPS)).split(","))
    short.planning.steps = lambda profile: steps  # type: ignore[assignment]
    if not os.environ.get("AUDIT_PDF"):
        auditor.writers.pdf.convert = lambda *_, **__: b"%PDF-1.7 left out"
    fake = os.environ.get("AUDIT_FAKE_WORKER")
    if fake:
        local.COMMAND = (sys.executable, "-I", fake)
    short.cli(prog_name="auditor")


if __name__ == "__main__":
    main()
