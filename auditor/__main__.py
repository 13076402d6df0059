"""``python -m auditor``."""

from __future__ import annotations

import sys


def main() -> None:
    """The command line; Ctrl-C while it is loaded ends it without a traceback."""
    try:
        from auditor.cli.main import cli
    except KeyboardInterrupt:
        sys.stderr.write("auditor: Interrupted before anything was done.\n")
        sys.exit(130)
    cli()


if __name__ == "__main__":
    main()
