"""The seccomp filter, read by a small interpreter of BPF: the same decisions on both machines."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from auditor.confinement import bpf, seccomp
from auditor.confinement.syscalls import AUDIT_ARCH, CHECKED, FREE, numbers

MACHINES = ("x86_64", "aarch64")
PID = 77
REACH = {
    "x86_64": {"socket": 41, "connect": 42, "execve": 59, "execveat": 322, "fork": 57, "vfork": 58,
               "ptrace": 101, "mount": 165, "bpf": 321, "io_uring_setup": 425, "keyctl": 250,
               "kill": 62, "unshare": 272, "setns": 308, "chmod": 90, "setuid": 105,
               "finit_module": 313, "memfd_create": 319, "unlink": 87, "rename": 82, "mkdir": 83,
               "shmget": 29, "process_vm_writev": 311, "userfaultfd": 323, "setrlimit": 160,
               "pidfd_getfd": 438, "openat2": 437, "ftruncate": 77, "creat": 85},
    "aarch64": {"socket": 198, "connect": 203, "execve": 221, "execveat": 281, "ptrace": 117,
                "mount": 40, "bpf": 280, "io_uring_setup": 425, "keyctl": 219, "kill": 129,
                "unshare": 97, "setns": 268, "fchmodat": 53, "setuid": 146, "finit_module": 273,
                "memfd_create": 279, "unlinkat": 35, "renameat2": 276, "mkdirat": 34,
                "shmget": 194, "process_vm_writev": 271, "userfaultfd": 282, "setrlimit": 164,
                "pidfd_getfd": 438, "openat2": 437, "ftruncate": 46},
}  # fmt: skip


def decide(machine: str, number: int, *arguments: int, arch: int | None = None,
           devices: bool = False) -> int:  # fmt: skip
    """What the kernel would answer for one call."""
    code = bpf.program(machine, PID, devices)
    steps = [struct.unpack_from("<HBBI", code, at) for at in range(0, len(code), 8)]
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, AUDIT_ARCH[machine] if arch is None else arch, 0,
                       *(value % (1 << 64) for value in padded))  # fmt: skip
    accumulator = at = 0
    while True:
        kind, yes, no, constant = steps[at]
        at += 1
        if kind == bpf.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif kind == bpf.AND:
            accumulator &= constant
        elif kind == bpf.JUMP_EQUAL:
            at += yes if accumulator == constant else no
        elif kind == bpf.JUMP_GE:
            at += yes if accumulator >= constant else no
        else:
            assert kind == bpf.RETURN
            return constant


@pytest.mark.parametrize("machine", MACHINES)
def test_what_reaches_outside_is_refused(machine: str) -> None:
    answers = {name: decide(machine, number) for name, number in REACH[machine].items()}
    assert set(answers.values()) == {bpf.REFUSE}, answers


@pytest.mark.parametrize("machine", MACHINES)
def test_only_what_is_listed_is_allowed(machine: str) -> None:
    free = set(numbers(FREE, machine).values())
    checked = set(numbers(CHECKED, machine).values())
    allowed = {n for n in range(1024) if decide(machine, n) == bpf.ALLOW}
    assert free <= allowed <= free | checked


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_yes_processes_and_namespaces_no(machine: str) -> None:
    clone = numbers(CHECKED, machine)["clone"]
    thread = 0x3D0F00  # what pthread_create of glibc asks for
    assert decide(machine, clone, thread) == bpf.ALLOW
    assert decide(machine, clone, 17) == bpf.REFUSE
    assert decide(machine, clone, 0x4111) == bpf.REFUSE
    assert decide(machine, clone, thread | 0x10000000) == bpf.REFUSE
    assert decide(machine, numbers(CHECKED, machine)["clone3"]) == bpf.MISSING


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("flags", [0o1, 0o2, 0o101, 0o1001, 0o2002, 0o20200002, 0o3])
def test_files_are_opened_for_reading_only(machine: str, flags: int) -> None:
    openat = numbers(CHECKED, machine)["openat"]
    assert decide(machine, openat, -100, 0, 0o2000000) == bpf.ALLOW
    assert decide(machine, openat, -100, 0, flags) == bpf.REFUSE
    assert decide(machine, openat, -100, 0, flags, devices=True) == bpf.ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_go_to_own_threads_and_limits_stay(machine: str) -> None:
    number = numbers(CHECKED, machine)
    assert decide(machine, number["tgkill"], PID, 5, 6) == bpf.ALLOW
    assert decide(machine, number["tgkill"], PID + 1, 5, 6) == bpf.REFUSE
    assert decide(machine, number["prlimit64"], 0, 7, 0, 1 << 40) == bpf.ALLOW
    assert decide(machine, number["prlimit64"], 0, 7, 1 << 40) == bpf.REFUSE
    assert decide(machine, number["prlimit64"], 0, 7, 0xFFFF) == bpf.REFUSE
    assert decide(machine, number["prctl"], 15) == bpf.ALLOW
    assert {decide(machine, number["prctl"], option) for option in (1, 4, 0x59616D61)} == {
        bpf.REFUSE
    }
    assert decide(machine, number["ioctl"], 0, 0x5401) == bpf.ALLOW
    assert decide(machine, number["ioctl"], 0, 0x5412) == bpf.REFUSE
    assert decide(machine, number["fcntl"], 0, 8) == bpf.REFUSE


def test_calls_of_another_machine_kill() -> None:
    assert decide("x86_64", 1, arch=0x40000003) == bpf.KILL
    assert decide("x86_64", bpf.X32 | 1) == bpf.KILL
    assert decide("aarch64", 64, arch=0x40000028) == bpf.KILL


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    """The generic header is what aarch64 uses; both come with ``linux-libc-dev``."""
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    text = HEADERS[machine].read_text()
    said = {
        name: int(number)
        for name, number in re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", text, re.M)
    }
    ours = numbers(FREE, machine) | numbers(CHECKED, machine) | REACH[machine]
    renamed = {"newfstatat": "fstatat"} if machine == "aarch64" else {}
    wrong = {n: v for n, v in ours.items() if said.get(renamed.get(n, n), said.get(n)) != v}
    assert wrong == {}


def test_a_machine_without_a_table_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "SUPPORTED", "riscv64" in AUDIT_ARCH)
    assert not seccomp.install(devices=False)
    assert set(AUDIT_ARCH) == set(seccomp.SECCOMP) == set(MACHINES)


def test_the_numbers_are_this_machines() -> None:
    for machine in MACHINES:
        both = [*numbers(FREE, machine).values(), *numbers(CHECKED, machine).values()]
        assert len(both) == len(set(both))
        assert not set(REACH[machine].values()) & set(both)
