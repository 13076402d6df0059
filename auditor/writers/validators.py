"""Asks veraPDF about a PDF where it is installed, and says so where it is not.

PDF/A conformity is a validator's word, never ours: without one the answer is "not checked". veraPDF
is the reference for PDF/A-3a (verapdf.org); PDFBox Preflight knows PDF/A-1b only and cannot serve.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PROGRAM = "verapdf"
FLAVOUR = "3a"
LIMIT_S = 300


def sentence(pdf: Path) -> str:
    """What a validator says about PDF/A-3a, naming the validator; or that none ran."""
    program = shutil.which(PROGRAM)
    if program is None:
        return f"{pdf.name}: PDF/A-3a not checked, {PROGRAM} is not on PATH."
    try:
        version = _run(program, "--version").stdout.split("\n")[0].strip() or PROGRAM
        run = _run(program, "--flavour", FLAVOUR, "--format", "text", str(pdf))
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{pdf.name}: PDF/A-3a not checked, {PROGRAM} did not run ({error})."
    word = run.stdout.split(" ", 1)[0].strip()
    if word == "PASS" and run.returncode == 0:
        return f"{pdf.name}: valid PDF/A-3a according to {version}."
    if word == "FAIL":
        return f"{pdf.name}: NOT valid PDF/A-3a according to {version}."
    return f"{pdf.name}: PDF/A-3a not checked, {version} gave no verdict (exit {run.returncode})."


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
