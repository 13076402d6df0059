"""System calls that the worker needs, by name, with their numbers on two machines.

Everything that is not listed fails: an allow-list, because a list of forbidden calls is out of
date with every kernel. Numbers: Linux ``asm/unistd_64.h`` (x86-64) and
``asm-generic/unistd.h`` (aarch64); ``-`` where a machine does not have the call.
"""

from __future__ import annotations

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": 0, "aarch64": 1}

FREE = """
read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; preadv 295 69
pwritev 296 70; preadv2 327 286; lseek 8 62; close 3 57; close_range 436 436; stat 4 -; fstat 5 80
lstat 6 -; newfstatat 262 79; statx 332 291; access 21 -; faccessat 269 48; faccessat2 439 439
readlink 89 -; readlinkat 267 78; getdents64 217 61; getcwd 79 17; statfs 137 43; fstatfs 138 44
dup 32 23; dup2 33 -; dup3 292 24; poll 7 -; ppoll 271 73; select 23 -
pselect6 270 72; epoll_create1 291 20; epoll_ctl 233 21; epoll_wait 232 -; epoll_pwait 281 22
eventfd2 290 19; pipe2 293 59; fadvise64 221 223; readahead 187 213; mmap 9 222; munmap 11 215
mprotect 10 226; mremap 25 216; madvise 28 233; brk 12 214; mincore 27 232; membarrier 324 283
get_mempolicy 239 236; rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139
rt_sigpending 127 136; rt_sigtimedwait 128 137; rt_sigsuspend 130 133; sigaltstack 131 132
futex 202 98; futex_waitv 449 449; set_robust_list 273 99; get_robust_list 274 100
set_tid_address 218 96; rseq 334 293; restart_syscall 219 128; exit 60 93; exit_group 231 94
sched_yield 24 124; sched_getaffinity 204 123; sched_getparam 143 121; sched_getscheduler 145 120
sched_get_priority_max 146 125; sched_get_priority_min 147 126; getpriority 140 141; gettid 186 178
getpid 39 172; getppid 110 173; getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177
getgroups 115 158; getresuid 118 148; getresgid 120 150; getpgid 121 155; getpgrp 111 -
getsid 124 156; capget 125 90; nanosleep 35 101; clock_nanosleep 230 115; clock_gettime 228 113
clock_getres 229 114; gettimeofday 96 169; time 201 -; times 100 153; getrusage 98 165
getrlimit 97 163; sysinfo 99 179; uname 63 160; getcpu 309 168; getrandom 318 278; arch_prctl 158 -
"""
"""Calls that are allowed with any arguments: they reach nothing that is not already open."""

CHECKED = """
open 2 -; openat 257 56; clone 56 220; tgkill 234 131; prlimit64 302 261; prctl 157 167; ioctl 16 29
fcntl 72 25; clone3 435 435
"""
"""Calls of which the filter looks at the arguments."""


def numbers(table: str, machine: str) -> dict[str, int]:
    """Name -> number of a table above, on ``x86_64`` or ``aarch64``.

    >>> numbers(CHECKED, "aarch64")["clone"]
    220
    """
    entries = (entry.split() for line in table.strip().splitlines() for entry in line.split(";"))
    column = COLUMN[machine]
    return {name: int(both[column]) for name, *both in entries if both[column] != "-"}
