"""Pickles without a signature (protocols 0 and 1), and pickles inside other formats.

Purpose: an unpickler believes no extension either; a text or a tensor file whose first bytes are
opcodes that reach a call is a pickle to it.
"""

from __future__ import annotations

import contextlib

from auditor.intake.inert import names, pickle_files
from auditor.intake.inert.items import Item
from auditor.intake.inert.log import Damaged, Log, OutOfBudget

FEW_STEPS = 6
"""Text that is no pickle stops the machine sooner."""


def look(item: Item, log: Log) -> None:
    """A file of another format whose bytes a plain unpickler would run."""
    for arrays in (True, False):
        trial = Log(log.part, log.budget)
        machine = pickle_files.machine(item.view, trial)
        machine.arrays = machine.arrays if arrays else None
        with contextlib.suppress(Damaged, OutOfBudget):
            for _ in range(pickle_files.STREAMS):
                machine.run(machine.position)
        harm = [problem for problem in trial.shared.problems if problem.level == "danger"]
        if harm and machine.called:
            said = harm[0].message[len(log.part) + 2 : -1]
            log.add("danger", "file.polyglot", f"it is a pickle, too: {said}", None, harm[0].name)


def found(item: Item, log: Log) -> bool:
    """Whether it is a pickle: try if the machine gets anywhere, and write what it would do."""
    trial = Log(log.part, log.budget)
    machine = pickle_files.machine(item.view, trial)
    whole = True
    try:
        pickle_files.read_all(machine, trial)
    except OutOfBudget as error:
        trial.add("not_audited", "budget", str(error))
    except Damaged as error:
        whole = False
        if machine.steps >= FEW_STEPS:
            what = f"it begins like a pickle and is damaged: {error}"
            log.add("not_audited", "damaged", what, machine.position)
    danger = any(p.level == "danger" for p in trial.shared.problems)
    called = any(p.rule == "pickle.global" for p in trial.shared.problems)
    if not whole and not (danger and called and machine.called):
        _almost(trial, log)
        return False
    log.shared.formats.append("pickle")
    for problem in trial.shared.problems:
        said = problem.message[len(log.part) + 2 : -1]
        log.add(problem.level, problem.rule, f"as a pickle: {said}", None, problem.name)
    if not whole:
        log.add("not_audited", "damaged", "the pickle is damaged behind the call")
    return True


def _almost(trial: Log, log: Log) -> None:
    """A damaged pickle of a known module: nothing would run, but nothing is known either."""
    for problem in trial.shared.problems:
        if problem.rule == "pickle.global" and names.is_module(problem.name):
            what = f"it begins like a pickle that calls {problem.name}, and is damaged"
            log.add("not_audited", "damaged", what, 0, problem.name)
