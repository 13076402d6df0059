"""``python -m auditor``."""

from auditor.cli.main import cli

if __name__ == "__main__":
    cli()
