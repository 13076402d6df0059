# ruff: noqa
# Runs under versions of torch and numpy that this project does not use.
"""Empty CUDA libraries for an unpacked wheel of torch: ``python old_torch_stubs.py FOLDER``."""

import subprocess, sys, pathlib, re

root = pathlib.Path(sys.argv[1]).resolve()
libs = [p for p in list(root.glob("torch/lib/*.so*")) + list(root.glob("torch/_C*.so"))]


def run(*a):
    return subprocess.run(a, capture_output=True, text=True).stdout


have = {p.name for p in libs}
needed = set()
owner = {}
wanted = set()
defined = set()
for p in libs:
    needed |= set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", str(p))))
    out = run("readelf", "-V", "-W", str(p))
    for block in re.findall(r"File: (\S+)\s+Cnt: \d+\n((?:.*Name: .*\n)+)", out):
        for v in re.findall(r"Name: (\S+)", block[1]):
            owner[v] = block[0]
    for line in run("readelf", "--dyn-syms", "-W", str(p)).splitlines():
        f = line.split()
        if len(f) < 8 or not f[0][:-1].isdigit():
            continue
        (wanted if f[6] == "UND" else defined).add(f[7].replace("@@", "@"))
system = run("ldconfig", "-p")
missing = sorted(n for n in needed if n not in have and n not in system)
stub = root / "stubs"
stub.mkdir(exist_ok=True)
names = {w.split("@")[0] for w in defined}
per = {n: {} for n in missing}
for w in wanted:
    name, _, ver = w.partition("@")
    if ver:
        if owner.get(ver) in per:
            per[owner[ver]].setdefault(ver, []).append(name)
    elif name not in names and re.match(
        r"_?(cu|nv|nccl|CU|__cuda|cpti|cupti|shm|NVSHMEM|nvshmem)", name
    ):
        per[missing[0]].setdefault("", []).append(name) if missing else None
src, ver_file = stub / "x.c", stub / "x.map"
for n in missing:
    syms = sorted({s for l in per[n].values() for s in l})
    src.write_text(
        "".join(
            f"int {s}(int *p){{{'*p = 0; ' if 'Count' in s else ''}return {0 if 'Version' in s or 'GetLast' in s or 'PeekAt' in s else 100};}}\n"
            if "String" not in s and "Name" not in s
            else f'const char *{s}(void){{return "none";}}\n'
            for s in syms
        )
    )
    args = ["gcc", "-shared", "-w", "-fPIC", "-o", str(stub / n), "-Wl,-soname," + n, str(src)]
    vs = [v for v in per[n] if v] or [v for v, o in owner.items() if o == n]
    if vs:
        ver_file.write_text(
            "".join(
                f"{v} {{ {('global: ' + ''.join(s + '; ' for s in per[n].get(v, []))) if per[n].get(v) else ''} }};\n"
                for v in vs
            )
        )
        args.insert(1, "-Wl,--version-script=" + str(ver_file))
    subprocess.run(args, check=True)
print({n: sum(map(len, per[n].values())) for n in missing})
