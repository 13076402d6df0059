"""Names that a vendor chose: of files, members and tensors, and what is odd about them.

Purpose: a name can turn the line on which it is shown, look like another one, be a path, a
formula or a tag, or mean another file to another system. None of these is obeyed here, but an
honest delivery has no use for them.
Limits: letters are told apart by script; lookalikes within Latin are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 200
DEEPEST = 32
_ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
"""Scripts whose letters pass for Latin ones."""
_FORMULA = ("=", "@", "-", "+")
_FOREIGN = re.compile(r"[<>:\"|\\`;]|\$[({]|&&|%(2e|2f|5c|00)", re.I)
_PROGRAM = re.compile(
    r"(^|\.)__[a-z]+__(\.|$)|\b(eval|exec|system|popen|__import__|compile|getattr)\s*\("
)
_MARKS = re.compile(r"[*%!{}$'^]|[\u2044\u2215\u29f8\u2571]")
_STACKED = re.compile("[\u0300-\u036f]{4}")
_PROGRAM_FILE = re.compile(r"\.(safetensors|onnx|pt2?|pth|bin|npz|npy|json|txt|pkl)\.\w+$", re.I)
_PACKED = re.compile(
    r"\.(gz|xz|bz2|zst|lz4|zip|tar|sig|sigstore|json|index|data|md5|sha256|txt|md)$", re.I
)
_WRITTEN = re.compile(
    r"\['[\w. -]{1,100}'\]"
    r"|(?<=\w)\{(?:'\w{1,60}': (?:'[\w/. -]{0,100}'|[\w.-]{1,40})(?:, |(?=\}))){1,30}\}"
)
"""How jax writes a path of keys, and Lightning the settings of what it saves."""
_SPOKEN = re.compile(r"[$`{};'\"!?\\]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
_SHORT = re.compile(r"[A-Z0-9_]{1,6}~\d(\.[A-Z0-9_]{1,3})?")
"""A name of eight and three letters, by which another system opens a longer one."""
_STARTED = re.compile(
    r"\.(exe|scr|com|bat|cmd|pif|msi|lnk|dll|sys|cpl|jar|apk|app|dmg|deb|rpm|run|so(\.\d+)*|dylib|ko)$",
    re.I,
)


def of_tensor(name: str) -> str:
    """What is odd about the name of a tensor; empty if nothing is.

    >>> of_tensor("layer.0.weight"), of_tensor("../x")
    ('', 'is a path')
    """
    if found := _letters(name):
        return found
    if has_lookalikes(name):
        return "has letters that look like others"
    climbs = name.startswith(("/", "~")) or ".." in re.split(r"[/\\]", name)
    spoken = bool(_SPOKEN.search(_WRITTEN.sub("", name)))
    odd = {
        "is a formula or a tag": name.startswith(_FORMULA) or "<" in name,
        "is a path": climbs,
        "has marks that a shell, a template or a database reads": spoken,
        "reads like a program": bool(_PROGRAM.search(name)),
        "is absurdly long": any(len(part) >= LONGEST for part in name.split(".")),
    }
    return next((what for what, is_such in odd.items() if is_such), "")


def has_lookalikes(name: str) -> bool:
    """Whether a name has letters of scripts that pass for Latin."""
    return any(_script(c) in _ALIKE for c in name if not c.isascii())


def of_path(path: str) -> str:
    """What is odd about the path of a file or a member; empty if nothing is.

    >>> of_path("sub/model.safetensors"), of_path("con.txt")
    ('', 'is a device of another system')
    """
    parts = path.rstrip("/").split("/")
    if len(parts) > DEEPEST:
        return f"lies {len(parts)} folders deep"
    return next(filter(None, map(_part, parts)), "")


def _part(name: str) -> str:  # noqa: PLR0911
    if found := _letters(name):
        return found
    scripts = {_script(c) for c in name if c.isalpha()}
    if "LATIN" in scripts and scripts.intersection(_ALIKE):
        return "mixes letters that look alike"
    if _MARKS.search(name) or name.startswith(("~", " ")):
        return "has marks that a shell, a template or another system reads"
    if _STACKED.search(unicodedata.normalize("NFD", name)):
        return "has letters under many marks"
    if _PROGRAM_FILE.search(name) and not _PACKED.search(name):
        return "is that of a program behind that of a model"
    if name.startswith(("-", "=", "@")) or _FOREIGN.search(name):
        return "is an option, a formula, a tag or a stream"
    if name.endswith((" ", ".")) and name not in (".", ".."):
        return "ends in what other systems drop"
    if _DEVICES.fullmatch(name):
        return "is a device of another system"
    if _SHORT.fullmatch(name):
        return "is a short name of another file"
    return "is that of a program" if _STARTED.search(name) else ""


def _letters(name: str) -> str:
    if not name.isprintable():
        return "has characters that do not show"
    plain = unicodedata.normalize("NFKC", name)
    if plain != name and sum(map(str.isascii, plain)) > sum(map(str.isascii, name)):
        return "has letters that become others"
    return ""


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]


def alike(names: Iterable[str], letters_of_one_case: bool = True) -> str:
    """The first name that another one becomes on a system that folds case or forms; or empty."""
    seen: dict[str, str] = {}
    for name in names:
        same = unicodedata.normalize("NFKC", name)
        same = same.casefold() if letters_of_one_case else same
        if seen.setdefault(same, name) != name:
            return name
    return ""
