"""The worker's door: ``python -I -m auditor.confined ORDER`` confines itself, then serves.

``ORDER`` is a JSON object: ``read`` and ``code`` (lists of paths), ``memory`` (bytes), ``parent``
(process id). Apart from the worker so that torch, and any thread of a library, comes later.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

from auditor.confinement.enter import enter


def main() -> None:
    """Confine this process and serve the parent."""
    order = json.loads(sys.argv[1])
    report = enter(order["read"], order["code"], int(order["memory"]), int(order["parent"]))
    tempfile.tempdir = os.environ["TMPDIR"]  # Python would look for a folder that it can write
    from auditor import worker

    worker.main(report.facts())


if __name__ == "__main__":
    main()
